package io.eventchannel.okhttp;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.policy.ReconnectPolicy;
import java.time.Duration;
import java.util.Objects;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import org.jspecify.annotations.Nullable;

/**
 * Event sources for code written for okhttp-sse, which reconnect and resume. One line changes:
 *
 * <pre>{@code
 * EventSource.Factory factory = ResilientEventSources.createFactory(okHttpClient);
 * }</pre>
 *
 * <p>What differs for an {@link EventSourceListener}, since one event source now outlives its
 * connections:
 *
 * <ul>
 *   <li>{@code onOpen} comes once, with the first response; its body is empty.
 *   <li>{@code onEvent} gets the last event ID, which an event without an ID inherits (WHATWG HTML,
 *       section 9.2.6), or null when there is none. The type is null for {@code message}, named or
 *       not.
 *   <li>{@code onFailure} comes only when the event source is given up: after {@code cancel()} with
 *       an {@link java.io.IOException}, after a final answer with its response, whose body holds
 *       the first 64 KiB. A loss in between is retried and not told.
 *   <li>{@code onClosed} comes when the server ends the stream for good: status 204 or, from a
 *       server of ours, a goodbye. Where nothing is repeated it comes at the end of the stream.
 *   <li>What the listener throws is logged, and the next event follows.
 *   <li>Calls come on threads of the factory's own and hold up no socket of others.
 *   <li>An event of more than 16 MiB is a failure.
 * </ul>
 *
 * <p><b>Requests.</b> Method, body, headers and tags go with every attempt. {@code Last-Event-ID}
 * is where the event source begins. {@code Accept: text/event-stream} is added if there is no
 * {@code Accept}. A stream is compressed only if the request says {@code Accept-Encoding: gzip}.
 *
 * <p>Any other method than GET reaches a server at most once (protocol rule R-10): it is tried
 * again only while no socket came about, and the first loss after that is told as okhttp-sse tells
 * it. OkHttp does not repeat it either, so an {@link okhttp3.Authenticator} has no effect on it;
 * and no redirect is followed. {@link #createReplayingFactory} repeats it.
 *
 * <p><b>Timeouts.</b> The wait for a response is bounded by the client's call timeout if it has
 * one, else by its read timeout, but is 10 s at least; without either it is 1 min for GET and not
 * bounded for other methods. Silence of an open stream is bounded by {@link
 * HeartbeatPolicy#standard()}, not by the read timeout; for other methods than GET, and no read
 * timeout, not at all.
 *
 * <p>An {@code EventSourceListener} has no word for a gap: where a server of ours reports one, it
 * is logged as a warning. To be told, open a channel instead ({@link OkHttpChannels}).
 */
public final class ResilientEventSources {
  private static final int MOST_EVENT_BYTES = 16 << 20;
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(10);
  private static final Duration LONGEST_WAIT = Duration.ofDays(1); // what a client takes
  // A repeated GET costs little, and a connection that died unheard must not hold it up for ever.
  private static final Duration UNBOUNDED_GET = Duration.ofMinutes(1);

  private final StreamClient streams;
  private final OkHttpThreads threads = new OkHttpThreads();
  private final ReconnectPolicy policy;
  private final boolean replay;
  private final long callTimeoutMillis;
  private final long readTimeoutMillis;

  private ResilientEventSources(OkHttpClient client, ReconnectPolicy policy, boolean replay) {
    this.streams = new StreamClient(threads.derive(Objects.requireNonNull(client, "client")));
    this.policy = Objects.requireNonNull(policy, "policy");
    this.replay = replay;
    this.callTimeoutMillis = client.callTimeoutMillis();
    this.readTimeoutMillis = client.readTimeoutMillis();
  }

  /**
   * Returns a factory of event sources on this client's connections, with the standard policy.
   *
   * <p>The factory is thread-safe and blocks nowhere. It throws {@link IllegalArgumentException}
   * for a duplex body, and for a {@code Last-Event-ID} of more than 4096 characters.
   */
  public static EventSource.Factory createFactory(OkHttpClient client) {
    return createFactory(client, ReconnectPolicy.standard());
  }

  /**
   * Returns a factory whose event sources reconnect by this policy; of other methods than GET, by
   * {@link ReconnectPolicy#atMostOnce()} of it.
   */
  public static EventSource.Factory createFactory(OkHttpClient client, ReconnectPolicy policy) {
    return new ResilientEventSources(client, policy, false)::open;
  }

  /**
   * Returns a factory whose event sources reconnect by this policy whatever their method is: the
   * request is sent again with its body and {@code Last-Event-ID}. Only for servers that resume an
   * answer rather than beginning a second one. It also throws {@link IllegalArgumentException} for
   * a body that can be written but once.
   */
  public static EventSource.Factory createReplayingFactory(
      OkHttpClient client, ReconnectPolicy policy) {
    return new ResilientEventSources(client, policy, true)::open;
  }

  private EventSource open(Request request, EventSourceListener listener) {
    checkBody(request.body());
    boolean get = request.method().equals("GET");
    ResilientEventSource source =
        new ResilientEventSource(request, Objects.requireNonNull(listener, "listener"));
    HeartbeatPolicy heartbeats = HeartbeatPolicy.standard();
    ChannelClient client =
        ChannelClient.builder()
            .transport(
                new OkHttpSseTransport(
                    streams,
                    SystemScheduler.shared(),
                    request,
                    source::answered,
                    () -> {})) // the threads are the factory's
            .scheduler(SystemScheduler.shared())
            .executor(threads)
            .reconnectPolicy(get || replay ? policy : policy.atMostOnce())
            .connectTimeout(longestWait(get))
            .heartbeatPolicy(
                get || readTimeoutMillis > 0 ? heartbeats : heartbeats.withoutAssumedInterval())
            .maxEventBytes(MOST_EVENT_BYTES)
            .build();
    source.begin(client, describe(request));
    return source;
  }

  private void checkBody(@Nullable RequestBody body) {
    if (body != null && body.isDuplex()) {
      throw new IllegalArgumentException("body: expected one that ends, got a duplex one");
    }
    if (body != null && replay && body.isOneShot()) {
      throw new IllegalArgumentException(
          "body: expected one that can be sent again, got a one-shot one");
    }
  }

  private Duration longestWait(boolean get) {
    if (callTimeoutMillis == 0 && readTimeoutMillis == 0) {
      return get ? UNBOUNDED_GET : LONGEST_WAIT;
    }
    Duration wait =
        callTimeoutMillis > 0
            ? Duration.ofMillis(callTimeoutMillis)
            : Duration.ofMillis(Math.max(readTimeoutMillis, SHORTEST_WAIT.toMillis()));
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private static ChannelRequest describe(Request request) {
    ChannelRequest.Builder described = ChannelRequest.builder(request.url().toString());
    for (int i = 0; i < request.headers().size(); i++) {
      String name = request.headers().name(i);
      if (name.equalsIgnoreCase(Wire.LAST_EVENT_ID)) {
        described.lastEventId(request.headers().value(i));
      } else {
        described.header(name, request.headers().value(i));
      }
    }
    return described.build();
  }
}
