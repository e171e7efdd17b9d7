package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.EventFeed;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A live poll. A vote comes upstream as an event {@code vote}; after each one the tallies of all
 * options go out as one event. Only the newest of those matters, and the feed is told so twice:
 *
 * <ul>
 *   <li>The log keeps one event of a topic, however old it is. Whoever begins at the start gets a
 *       gap, since older ones are gone, and then the present: there is no snapshot to ask for.
 *   <li>A consumer that lags gets only the newest, by {@code conflate()}.
 * </ul>
 *
 * <p>A channel has one vote, and may move it. A page that is loaded anew is another channel: a real
 * poll knows its voters.
 */
public final class PollServer implements AutoCloseable {
  static final String VOTE = "vote";
  private static final String TOPIC = "poll";
  private static final List<String> OPTIONS = List.of("coffee", "tea", "water");

  private final InMemoryEventLog log = InMemoryEventLog.builder().maxEventsPerTopic(1).build();
  private final EventFeed feed =
      EventFeed.builder()
          .log(log)
          .windowEvents(16) // else newcomers would get all those that are still at hand
          .slowConsumerPolicy(SlowConsumerPolicy.conflate())
          .build();
  private final ExampleServer server;

  // Guarded by this: votes of different channels come at the same time.
  private final Map<String, String> votes = new HashMap<>();
  private final Map<String, Integer> tallies = new TreeMap<>();

  private PollServer(int port) throws IOException {
    String start = feed.publish(TOPIC, Event.of("opened", "")).toCompletableFuture().join();
    OPTIONS.forEach(option -> tallies.put(option, 0));
    publish();
    server = ExampleServer.start(port, feed, "poll.html", start, new Voters());
  }

  /** Starts the poll on a port of the loopback interface; 0 takes a free one. */
  public static PollServer start(int port) throws IOException {
    return new PollServer(port);
  }

  /** Starts the poll at {@code -Dport=}, 8080 by default, and runs until the process is ended. */
  public static void main(String[] args) throws IOException {
    try (PollServer poll = start(Integer.getInteger("port", 8080))) {
      poll.server.await();
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  private synchronized void vote(String voter, String option) {
    String before = votes.put(voter, option);
    if (option.equals(before)) {
      return;
    }
    if (before != null) {
      tallies.merge(before, -1, Integer::sum);
    }
    tallies.merge(option, 1, Integer::sum);
    publish();
  }

  private void publish() {
    String data =
        tallies.entrySet().stream()
            .map(tally -> "\"" + tally.getKey() + "\":" + tally.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    feed.publish(TOPIC, Event.of("tallies", data));
  }

  @Override
  public void close() throws IOException {
    server.close();
    log.close();
  }

  private final class Voters implements EventChannelListener {
    @Override
    public void onEvent(EventChannel channel, Event event) {
      String voter = channel.id();
      if (voter == null || !event.type().equals(VOTE) || !OPTIONS.contains(event.data())) {
        throw new IllegalArgumentException("expected a vote for one of " + OPTIONS);
      }
      vote(voter, event.data());
    }
  }
}
