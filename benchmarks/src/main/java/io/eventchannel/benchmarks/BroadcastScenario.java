package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events go to connections that read them. Options:
 *
 * <ul>
 *   <li>{@code --conns}, {@code --warm}, {@code --publish}
 *   <li>{@code --topics}, {@code --active}, {@code --topics-each}: see {@link TopicShares}
 *   <li>{@code --idle-seconds}: for so long it looks first what the server uses when nothing comes
 * </ul>
 */
final class BroadcastScenario implements Scenario, ConnectionPool.Listener {
  private final LoadedServer server;
  private final ConnectionPool pool;
  private final int connections;
  private final String warm;
  private final PublishQuery publish;
  private final TopicShares topics;
  private final int idleSeconds;
  private @Nullable Tally tally;
  private long strays;

  BroadcastScenario(LoadedServer server, Options options) throws IOException {
    this.server = server;
    pool = new ConnectionPool(server.target(), this);
    connections = options.number("--conns", 100);
    warm = options.text("--warm", "");
    publish = PublishQuery.of(options.text("--publish", "n=1000&size=200&rate=0"));
    topics = TopicShares.of(options);
    idleSeconds = options.number("--idle-seconds", 0);
    if (topics.topics() > 0 && (publish.rate() == 0 || warm.contains("rate=0"))) {
      throw new IllegalArgumentException(
          "expected a rate: a server does not know who is behind where there are topics");
    }
  }

  @Override
  public String run() throws IOException {
    int fanOut = topics.fanOut(connections);
    List<Subscription> all = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      all.add(new Subscription(i, topics.query(i), false));
    }
    pool.connect(all);
    pool.settle();
    server.warmUp(pool, warm, fanOut);
    double idle = idleSeconds == 0 ? 0 : idleMicrosASecond();

    // Before the broadcast is asked for, as its first events may come before the answer.
    long first = server.control().published() + 1;
    Tally found = new Tally(all, first, publish.events(), (long) publish.events() * fanOut);
    tally = found;
    ProcessCost before = server.cost();
    long began = System.nanoTime();
    if (server.control().publish(publish) != first) {
      throw new IOException("another client has events published too");
    }
    server.await(pool, found::isComplete);
    double seconds = (pool.lastEventAt() - began) / 1e9;
    ProcessCost.Used used = server.cost().since(before);
    // Whatever comes now is a duplicate.
    pool.settle();

    double each = Math.max(1, found.delivered());
    JsonLine json = server.json(pool).add("wall_s", seconds, 3);
    found.addTo(json);
    used.addTo(json);
    json.add("cpu_us_msg", used.cpuMicros() / each, 3).add("strays", strays);
    if (idleSeconds > 0) {
      json.add("idle_cpu_us_s", idle, 0)
          .add("cpu_us_msg_over_idle", (used.cpuMicros() - idle * seconds) / each, 3);
    }
    return json.toString();
  }

  private double idleMicrosASecond() throws IOException {
    ProcessCost before = server.cost();
    pool.turnsFor(idleSeconds * 1_000_000_000L);
    return server.cost().since(before).cpuMicros() / idleSeconds;
  }

  @Override
  public void onEvent(Subscription subscription, long seq, long nanos) {
    if (!topics.isFor(subscription.index, seq)) {
      strays++;
    } else if (tally != null) {
      tally.add(subscription.check, seq, nanos);
    }
  }
}
