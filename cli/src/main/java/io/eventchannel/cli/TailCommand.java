package io.eventchannel.cli;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.FileCursorStore;
import io.eventchannel.okhttp.OkHttpChannels;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.OkHttpClient;

/** Follows one feed and prints it until the feed is over. */
final class TailCommand {
  private static final int FEED_IS_OVER = 0;
  private static final int GIVEN_UP = 1;
  private static final int HTTP_NO_CONTENT = 204;
  private static final int NORMAL_CLOSURE = 1000;

  private final TailOptions options;
  private final EventChannelListener printer;

  TailCommand(TailOptions options, PrintStream out, PrintStream err, Clock clock) {
    this.options = options;
    this.printer = options.json() ? new JsonPrinter(out) : new TextPrinter(out, err, clock);
  }

  /** Returns the exit status. */
  int run() throws InterruptedException {
    UntilClosed listener = new UntilClosed(printer);
    try (ChannelClient client =
        OkHttpChannels.newClient(new OkHttpClient())
            .transportPreference(options.transport())
            .build()) {
      client.open(request(), listener);
      return status(listener.closed.get());
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("nothing completes this future with a failure", impossible);
    }
  }

  private ChannelRequest request() {
    ChannelRequest.Builder request =
        ChannelRequest.builder(options.url())
            .topics(options.topics())
            .lastEventId(options.lastEventId());
    for (Map.Entry<String, String> header : options.headers().entrySet()) {
      request.header(header.getKey(), header.getValue());
    }
    Path cursorFile = options.cursorFile();
    if (cursorFile != null) {
      request.cursorStore(FileCursorStore.of(cursorFile));
    }
    return request.build();
  }

  private static int status(CloseReason reason) {
    switch (reason.kind()) {
      case LOCAL:
        return FEED_IS_OVER;
      case HTTP_STATUS:
        return reason.code() == HTTP_NO_CONTENT ? FEED_IS_OVER : GIVEN_UP;
      case CLOSE_CODE:
        return reason.code() == NORMAL_CLOSURE ? FEED_IS_OVER : GIVEN_UP;
      default:
        return GIVEN_UP;
    }
  }

  /** Passes every call on and remembers how it ended. */
  private static final class UntilClosed implements EventChannelListener {
    final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final EventChannelListener next;

    UntilClosed(EventChannelListener next) {
      this.next = next;
    }

    @Override
    public void onOpen(EventChannel channel) {
      next.onOpen(channel);
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      next.onEvent(channel, event);
    }

    @Override
    public void onGap(EventChannel channel, Gap gap) {
      next.onGap(channel, gap);
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      next.onConnectionLost(channel, reason, retryDelay);
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      next.onClosed(channel, reason);
      closed.complete(reason);
    }
  }
}
