package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A news feed. A category is a topic, and who reads names those wanted in the URL. The page is a
 * plain {@code EventSource}, which comes back by itself and misses no headline meanwhile, and shows
 * notifications where its reader allows them.
 */
public final class NewsServer implements AutoCloseable {
  static final String HEADLINE = "headline";
  private static final int SECONDS_BETWEEN = 4;

  private record Story(String category, String headline) {}

  private static final List<Story> STORIES =
      List.of(
          new Story("world", "Two old neighbours open the bridge between them again"),
          new Story("science", "A telescope finds water where nobody had looked"),
          new Story("sport", "The last of the table beats the first"),
          new Story("world", "A night train comes back after thirty years"),
          new Story("science", "Bees count to five, and one of them to six"),
          new Story("sport", "A marathon is decided in its last hundred metres"));

  private final EventFeed feed = EventFeed.inMemory();
  private final ExampleServer server;

  private NewsServer(int port) throws IOException {
    String start = feed.publish("news", Event.of("opened", "")).toCompletableFuture().join();
    server = ExampleServer.start(port, feed, "news.html", start, null);
  }

  /** Starts the feed on a port of the loopback interface; 0 takes a free one. */
  public static NewsServer start(int port) throws IOException {
    return new NewsServer(port);
  }

  /**
   * Starts the feed at {@code -Dport=}, 8080 by default, and reports until the process is ended.
   */
  public static void main(String[] args) throws IOException {
    ScheduledExecutorService desk = Executors.newSingleThreadScheduledExecutor();
    try (NewsServer news = start(Integer.getInteger("port", 8080))) {
      Iterator<Story> stories =
          Stream.generate(STORIES::stream).flatMap(all -> all).iterator(); // round and round
      ScheduledFuture<?> reporting =
          desk.scheduleAtFixedRate(
              () -> {
                Story story = stories.next();
                news.report(story.category(), story.headline());
              },
              1,
              SECONDS_BETWEEN,
              TimeUnit.SECONDS);
      news.server.await(
          "or run    curl -N 'http://localhost:" + news.port() + "/feed?topic=science'");
      reporting.cancel(false);
    } finally {
      desk.shutdown();
    }
  }

  /** Publishes a headline; the stage gives its ID. */
  public CompletionStage<String> report(String category, String headline) {
    return feed.publish(category, Event.of(HEADLINE, headline));
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
