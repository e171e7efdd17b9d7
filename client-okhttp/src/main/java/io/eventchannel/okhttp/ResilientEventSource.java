package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * A channel over SSE, in the words of okhttp-sse. Its listener is called in the channel's row of
 * calls; {@link #cancel} may be called from anywhere.
 */
final class ResilientEventSource implements EventSource, EventChannelListener {
  private static final Logger LOGGER = Logger.getLogger(ResilientEventSource.class.getName());

  private final Request request;
  private final EventSourceListener listener;

  // What is kept of an answer that is no stream: enough for any error report.
  private static final long MOST_BODY_BYTES = 64 * 1024;
  // Without a read timeout of the caller's, a body that stalls would hold the verdict back.
  private static final long BODY_TIMEOUT_SECONDS = 1;

  // The last answer: with an empty body if it is a stream, else with its beginning; written by
  // readers before they tell the channel of it.
  private volatile @Nullable Response answer;
  // Written before the channel begins.
  private volatile @Nullable ChannelClient client;
  // Of the channel's serial calls.
  private boolean opened;

  ResilientEventSource(Request request, EventSourceListener listener) {
    this.request = request;
    this.listener = listener;
  }

  void begin(ChannelClient ofThis, ChannelRequest channelRequest) {
    client = ofThis;
    ofThis.open(channelRequest, this);
  }

  /** A final response came; what it says is told to the channel after this. */
  void answered(Response response) {
    ResponseBody body =
        StreamHead.whyNoStream(response, "") == null
            ? ResponseBody.create(new byte[0], null)
            : beginning(response.body());
    answer = response.newBuilder().body(body).build();
  }

  /** Services say in the body what was wrong, and listeners read it there. */
  private static ResponseBody beginning(ResponseBody body) {
    BufferedSource source = body.source();
    source.timeout().timeout(BODY_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    try {
      source.request(MOST_BODY_BYTES);
    } catch (IOException cut) {
      // What came until then is what there is to report.
    }
    Buffer kept = new Buffer();
    Buffer came = source.getBuffer();
    came.copyTo(kept, 0, Math.min(came.size(), MOST_BODY_BYTES));
    return ResponseBody.create(kept.readByteString(), body.contentType());
  }

  @Override
  public Request request() {
    return request;
  }

  @Override
  public void cancel() {
    ChannelClient current = client;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public void onOpen(EventChannel channel) {
    Response first = answer;
    if (!opened && first != null) {
      opened = true;
      listener.onOpen(this, first);
    }
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    String type = event.type().equals(Event.DEFAULT_TYPE) ? null : event.type();
    listener.onEvent(this, event.id(), type, event.data());
  }

  @Override
  public void onGap(EventChannel channel, Gap gap) {
    LOGGER.log(
        Level.WARNING, "Events are missing, which an EventSourceListener cannot be told: {0}", gap);
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    try {
      switch (reason.kind()) {
        case CLOSE_CODE:
        case END_OF_STREAM: // of a request that is not to be repeated
          listener.onClosed(this);
          return;
        case CONTENT_TYPE:
          listener.onFailure(this, new IllegalStateException(reason.text()), answer);
          return;
        case HTTP_STATUS:
          if (reason.code() == 204) {
            listener.onClosed(this);
          } else {
            listener.onFailure(this, null, answer);
          }
          return;
        case LOCAL:
          listener.onFailure(this, new IOException("canceled"), answer);
          return;
        default:
          Throwable cause = reason.cause();
          listener.onFailure(
              this, cause != null ? cause : new IOException(reason.toString()), answer);
      }
    } finally {
      cancel(); // frees the channel's client, whoever ended it
    }
  }
}
