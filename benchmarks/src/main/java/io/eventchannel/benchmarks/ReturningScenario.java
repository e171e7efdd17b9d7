package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All connections go away, events are published with nobody there, and all come back at once from
 * where they were. This is done twice, first to warm up; what is measured is the second time, from
 * the first connect to the last event. Options: {@code --conns}, {@code --receive} before they go,
 * {@code --publish} meanwhile.
 */
final class ReturningScenario implements Scenario, ConnectionPool.Listener {
  private static final long NOTICE_NANOS = 30_000_000_000L;
  private static final long LOOK_AGAIN_NANOS = 100_000_000L;

  private final LoadedServer server;
  private final ConnectionPool pool;
  private final int connections;
  private final String receive;
  private final PublishQuery publish;
  private @Nullable Tally tally;

  ReturningScenario(LoadedServer server, Options options) throws IOException {
    this.server = server;
    pool = new ConnectionPool(server.target(), this);
    connections = options.number("--conns", 10_000);
    receive = options.text("--receive", "n=20&size=200&rate=10");
    publish = PublishQuery.of(options.text("--publish", "n=100&size=200&rate=50"));
  }

  @Override
  public String run() throws IOException {
    cycle();
    pool.closeAll();
    awaitNobody();
    return cycle();
  }

  private String cycle() throws IOException {
    List<Subscription> all = LoadedServer.subscriptions(0, connections, true);
    ProcessCost beforeOpening = server.cost();
    pool.connect(all);
    pool.settle();
    ProcessCost.Used opening = server.cost().since(beforeOpening);
    server.warmUp(pool, receive, connections);
    pool.closeAll();
    for (Subscription subscription : all) {
      if (subscription.lastId == null) {
        throw new IOException("a connection has received no ID");
      }
    }
    long first = server.control().publish(publish);
    // The first events tell the server who is gone, where its container does not.
    int left = awaitNobody();

    int events = publish.events();
    Tally found = new Tally(all, first, events, (long) events * connections);
    tally = found;
    ProcessCost before = server.cost();
    long began = System.nanoTime();
    pool.connectLater(all);
    server.await(pool, found::isComplete);
    double seconds = (pool.lastEventAt() - began) / 1e9;
    ProcessCost.Used used = server.cost().since(before);
    // Whatever comes now is a duplicate.
    pool.settle();
    tally = null;

    JsonLine json = server.json(pool).add("left", left).add("wall_s", seconds, 3);
    found.addTo(json);
    used.addTo(json);
    long served = all.stream().filter(each -> each.check != null && each.check.lost() == 0).count();
    return json.add("served", served)
        .add("cpu_us_conn", used.cpuMicros() / connections, 2)
        .add("cpu_us_msg", used.cpuMicros() / Math.max(1, found.delivered()), 3)
        .add("opening_cpu_us_conn", opening.cpuMicros() / connections, 2)
        .toString();
  }

  /** Waits until all is published and all are gone; returns how many connections are left. */
  private int awaitNobody() throws IOException {
    long began = System.nanoTime();
    while (server.control().publishing()
        || (server.control().connections() > 0 && System.nanoTime() - began < NOTICE_NANOS)) {
      pool.turnsFor(LOOK_AGAIN_NANOS);
    }
    return server.control().connections();
  }

  @Override
  public void onEvent(Subscription subscription, long seq, long nanos) {
    if (tally != null) {
      tally.add(subscription.check, seq, nanos);
    }
  }
}
