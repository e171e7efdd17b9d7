package io.eventchannel.it;

import io.eventchannel.Event;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A feed, its endpoint at {@code /feed}, and the container that serves it. */
final class ServedFeed implements AutoCloseable {
  static final String PATH = "/feed";

  /** Starts a container with an endpoint at a path. */
  interface Starter {
    Container start(String path, ChannelEndpoint endpoint);
  }

  final EventFeed feed;
  final ChannelEndpoint endpoint;
  final Container container;

  private ServedFeed(EventFeed feed, ChannelEndpoint endpoint, Container container) {
    this.feed = feed;
    this.endpoint = endpoint;
    this.container = container;
  }

  static ServedFeed start(
      Starter starter,
      Consumer<EventFeed.Builder> feedOptions,
      Consumer<ChannelEndpoint.Builder> endpointOptions) {
    EventFeed.Builder feedBuilder = EventFeed.builder();
    feedOptions.accept(feedBuilder);
    EventFeed feed = feedBuilder.build();
    ChannelEndpoint.Builder endpointBuilder = ChannelEndpoint.builder(feed);
    endpointOptions.accept(endpointBuilder);
    ChannelEndpoint endpoint = endpointBuilder.build();
    return new ServedFeed(feed, endpoint, starter.start(PATH, endpoint));
  }

  int port() {
    return container.port();
  }

  /** Publishes and returns the event's ID. */
  String publish(String topic, Event event) {
    try {
      return feed.publish(topic, event).toCompletableFuture().get(5, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Publishes to the topic {@code t} and returns the event's ID. */
  String publish(String data) {
    return publish("t", Event.message(data));
  }

  /** Opens a stream and reads its head. */
  RawHttp stream(String query, String... headers) throws IOException {
    RawHttp http = RawHttp.connect(port());
    RawHttp.Head head = http.send("GET", PATH + query, headers).head();
    if (head.status() != 200) {
      throw new IOException("expected 200, got " + head);
    }
    return http;
  }

  /** Opens a stream and reads up to its position: what is published from now on comes next. */
  RawHttp openStream(String query, String... headers) throws IOException {
    RawHttp http = stream(query, headers);
    http.blockWith("event: eventchannel.position");
    return http;
  }

  /** Opens a session and reads up to its position. */
  RawWebSocket openSession(String query) throws IOException {
    RawWebSocket socket = RawWebSocket.open(port(), PATH + query);
    socket.messageWith("eventchannel.position");
    return socket;
  }

  /** Waits until so many connections are open. */
  void awaitConnections(int count) {
    await(() -> endpoint.connections() == count, () -> "connections: " + endpoint.connections());
  }

  /** Waits for a condition that nothing announces; fails after ten seconds. */
  static void await(BooleanSupplier condition, Supplier<String> state) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain; " + state.get());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    endpoint.close();
    container.close();
    feed.close();
  }
}
