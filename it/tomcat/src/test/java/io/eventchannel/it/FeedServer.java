package io.eventchannel.it;

import io.eventchannel.Event;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A feed, its endpoint at {@code /feed}, and the Tomcat that serves it. */
final class FeedServer implements AutoCloseable {
  static final String PATH = "/feed";

  final EventFeed feed;
  final ChannelEndpoint endpoint;
  final TomcatServer tomcat;

  private FeedServer(EventFeed feed, ChannelEndpoint endpoint, TomcatServer tomcat) {
    this.feed = feed;
    this.endpoint = endpoint;
    this.tomcat = tomcat;
  }

  static FeedServer start() {
    return start(feed -> {}, endpoint -> {}, tomcat -> {});
  }

  static FeedServer start(Consumer<ChannelEndpoint.Builder> endpointOptions) {
    return start(feed -> {}, endpointOptions, tomcat -> {});
  }

  static FeedServer start(
      Consumer<EventFeed.Builder> feedOptions,
      Consumer<ChannelEndpoint.Builder> endpointOptions,
      Consumer<TomcatServer.Builder> tomcatOptions) {
    EventFeed.Builder feedBuilder = EventFeed.builder();
    feedOptions.accept(feedBuilder);
    EventFeed feed = feedBuilder.build();
    ChannelEndpoint.Builder endpointBuilder = ChannelEndpoint.builder(feed);
    endpointOptions.accept(endpointBuilder);
    ChannelEndpoint endpoint = endpointBuilder.build();
    TomcatServer.Builder tomcatBuilder = TomcatServer.builder().mount(PATH, endpoint);
    tomcatOptions.accept(tomcatBuilder);
    return new FeedServer(feed, endpoint, tomcatBuilder.start());
  }

  int port() {
    return tomcat.port();
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
  RawHttp stream(String query, String... headers) throws java.io.IOException {
    RawHttp http = RawHttp.connect(port());
    RawHttp.Head head = http.send("GET", PATH + query, headers).head();
    if (head.status() != 200) {
      throw new java.io.IOException("expected 200, got " + head);
    }
    return http;
  }

  /** Opens a stream and reads up to its position: what is published from now on comes next. */
  RawHttp openStream(String query, String... headers) throws java.io.IOException {
    RawHttp http = stream(query, headers);
    http.blockWith("event: eventchannel.position");
    return http;
  }

  /** Waits until so many connections are open. */
  void awaitConnections(int count) {
    await(() -> endpoint.connections() == count, () -> "connections: " + endpoint.connections());
  }

  /** Waits for a condition that nothing announces; fails after ten seconds. */
  static void await(BooleanSupplier condition, java.util.function.Supplier<String> state) {
    await(Duration.ofSeconds(10), condition, state);
  }

  /** Waits for a condition that nothing announces; fails when the patience is over. */
  static void await(
      Duration patience, BooleanSupplier condition, java.util.function.Supplier<String> state) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain; " + state.get());
      }
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    endpoint.close();
    tomcat.close();
    feed.close();
  }
}
