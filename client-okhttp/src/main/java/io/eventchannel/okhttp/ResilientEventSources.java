package io.eventchannel.okhttp;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.policy.ReconnectPolicy;
import java.util.Objects;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;

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
 *       an {@link java.io.IOException}, after a final answer with its response. A loss in between
 *       is retried and not told.
 *   <li>{@code onClosed} comes when the server ends the stream for good: status 204 or, from a
 *       server of ours, a goodbye.
 *   <li>What the listener throws is logged, and the next event follows.
 *   <li>Calls come on threads of the factory's own and hold up no socket of others.
 * </ul>
 *
 * <p>An {@code EventSourceListener} has no word for a gap: where a server of ours reports one, it
 * is logged as a warning. To be told, open a channel instead ({@link OkHttpChannels}).
 */
public final class ResilientEventSources {
  private ResilientEventSources() {}

  /**
   * Returns a factory of event sources on this client's connections, with the standard policy.
   *
   * <p>The factory takes GET alone and throws {@link IllegalArgumentException} for another method.
   * A {@code Last-Event-ID} in the request is where the event source begins. Thread-safe.
   */
  public static EventSource.Factory createFactory(OkHttpClient client) {
    return createFactory(client, ReconnectPolicy.standard());
  }

  /** Returns a factory whose event sources reconnect by this policy. */
  public static EventSource.Factory createFactory(OkHttpClient client, ReconnectPolicy policy) {
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(policy, "policy");
    OkHttpThreads threads = new OkHttpThreads();
    OkHttpClient derived = threads.derive(client).build();
    return (request, listener) -> open(derived, threads, policy, request, listener);
  }

  private static EventSource open(
      OkHttpClient derived,
      OkHttpThreads threads,
      ReconnectPolicy policy,
      Request request,
      EventSourceListener listener) {
    if (!request.method().equals("GET")) {
      throw new IllegalArgumentException(
          "method: expected GET, which can be repeated to reconnect, got " + request.method());
    }
    ChannelRequest.Builder channelRequest = ChannelRequest.builder(request.url().toString());
    for (int i = 0; i < request.headers().size(); i++) {
      String name = request.headers().name(i);
      if (name.equalsIgnoreCase(Wire.LAST_EVENT_ID)) {
        channelRequest.lastEventId(request.headers().value(i));
      } else {
        channelRequest.header(name, request.headers().value(i));
      }
    }
    ResilientEventSource source = new ResilientEventSource(request, listener);
    ChannelClient client =
        ChannelClient.builder()
            .transport(
                new OkHttpSseTransport(
                    derived.newBuilder(),
                    SystemScheduler.shared(),
                    source::answered,
                    () -> {})) // the threads are the factory's
            .scheduler(SystemScheduler.shared())
            .executor(threads)
            .reconnectPolicy(policy)
            .build();
    source.begin(client, channelRequest.build());
    return source;
  }
}
