package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the connections stop reading behind the warm-up, with small buffers and their sockets
 * left open; what is counted is what comes to the others up to some seconds after the last event
 * should have been published. Options: {@code --conns}, {@code --stopped}, {@code --warm}, {@code
 * --publish}.
 */
final class StoppedScenario implements Scenario, ConnectionPool.Listener {
  private static final int SMALL_BUFFER = 8_192;
  private static final long GRACE_NANOS = 5_000_000_000L;

  private final LoadedServer server;
  private final ConnectionPool pool;
  private final int connections;
  private final int stopped;
  private final String warm;
  private final PublishQuery publish;
  private @Nullable Tally tally;

  StoppedScenario(LoadedServer server, Options options) throws IOException {
    this.server = server;
    pool = new ConnectionPool(server.target(), this);
    connections = options.number("--conns", 100);
    stopped = options.number("--stopped", 5);
    warm = options.text("--warm", "n=400&size=16384&rate=0");
    publish = PublishQuery.of(options.text("--publish", "n=800&size=16384&rate=100"));
    if (publish.rate() == 0) {
      throw new IllegalArgumentException("--publish: expected a rate, got " + publish.text());
    }
  }

  @Override
  public String run() throws IOException {
    int reading = connections - stopped;
    List<Subscription> all = LoadedServer.subscriptions(0, connections, false);
    all.subList(reading, connections).forEach(each -> each.receiveBuffer = SMALL_BUFFER);
    pool.connect(all);
    pool.settle();
    server.warmUp(pool, warm, connections);
    long heapBefore = server.control().heap();
    for (LoadConnection connection : pool.open()) {
      if (connection.subscription().index >= reading) {
        pool.stopReading(connection);
      }
    }

    long first = server.control().published() + 1;
    Tally found =
        new Tally(
            all.subList(0, reading), first, publish.events(), (long) publish.events() * reading);
    tally = found;
    ProcessCost before = server.cost();
    server.control().publish(publish);
    boolean complete = pool.turnsUntil(found::isComplete, publish.nanos() + GRACE_NANOS);
    ProcessCost.Used used = server.cost().since(before);
    JsonLine json = server.json(pool).add("stopped", stopped);
    if (complete) {
      pool.settle();
    }
    found.addTo(json);
    used.addTo(json);
    return json.add("cpu_us_msg", used.cpuMicros() / Math.max(1, found.delivered()), 3)
        .add("heap_before", heapBefore)
        .add("heap_after", server.control().heap())
        .add("server_connections", server.control().connections())
        .toString();
  }

  @Override
  public void onEvent(Subscription subscription, long seq, long nanos) {
    if (tally != null) {
      tally.add(subscription.check, seq, nanos);
    }
  }
}
