package io.eventchannel.cli;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.okhttp.OkHttpChannels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import okhttp3.OkHttpClient;

/** Sends events to one feed and ends when it is known of all of them what became of them. */
final class SendCommand {
  private static final int ALL_TAKEN = 0;
  private static final int NOT_TAKEN = 1;

  // Enough for a slow path, and far below what a channel holds.
  private static final int MOST_UNDECIDED = 64;

  private final SendOptions options;
  private final InputStream in;
  private final PrintStream err;
  private final TextPrinter printer;

  private final Losses losses = new Losses();

  // What was sent and is not decided, the oldest first, which has this number.
  private final ArrayDeque<CompletionStage<Receipt>> undecided = new ArrayDeque<>();
  private long oldest = 1;
  private int status = ALL_TAKEN;

  SendCommand(SendOptions options, InputStream in, PrintStream out, PrintStream err, Clock clock) {
    this.options = options;
    this.in = in;
    this.err = err;
    this.printer = new TextPrinter(out, err, clock);
  }

  /** Returns the exit status. */
  int run() throws InterruptedException {
    ChannelRequest.Builder request = ChannelRequest.builder(options.url());
    options.headers().forEach(request::header);
    try (ChannelClient client =
        OkHttpChannels.newClient(new OkHttpClient())
            .transportPreference(options.transport())
            .build()) {
      EventChannel channel = client.open(request.build(), losses);
      if (options.readsLines()) {
        sendLines(channel);
      } else {
        send(channel, options.data());
      }
      decide(0);
    } catch (IOException unreadable) {
      err.println("eventchannel: standard input: " + unreadable.getMessage());
      status = NOT_TAKEN;
    }
    return status;
  }

  private void sendLines(EventChannel channel) throws IOException, InterruptedException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      send(channel, line);
      decide(MOST_UNDECIDED);
    }
  }

  private void send(EventChannel channel, String data) {
    undecided.add(channel.send(Event.of(options.type(), data)));
  }

  /** Waits until so many are undecided at most. */
  private void decide(int most) throws InterruptedException {
    while (undecided.size() > most) {
      try {
        undecided.remove().toCompletableFuture().get();
      } catch (ExecutionException failed) {
        status = NOT_TAKEN;
        Throwable why = Objects.requireNonNull(failed.getCause());
        if (why instanceof ChannelClosedException) {
          losses.told.await(); // why, before the line that says what it cost
        }
        err.println("eventchannel: event " + oldest + ": " + why.getMessage());
      }
      oldest++;
    }
  }

  /** Tells how the connection fares once it is lost; what the feed publishes is not asked for. */
  private final class Losses implements EventChannelListener {
    final CountDownLatch told = new CountDownLatch(1);
    private boolean lost;

    @Override
    public void onOpen(EventChannel channel) {
      if (lost) {
        printer.onOpen(channel);
      }
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      lost = true;
      printer.onConnectionLost(channel, reason, retryDelay);
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      if (reason.kind() != CloseReason.Kind.LOCAL) {
        printer.onClosed(channel, reason);
      }
      told.countDown();
    }
  }
}
