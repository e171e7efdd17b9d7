package io.eventchannel.benchmarks;

import java.io.IOException;

/**
 * Connections that are open and receive next to nothing: what the server's heap has for each. Some
 * are opened first, so that what is made once is in the baseline, and stay. The heap is taken again
 * when the others are open, when all have received some events, and when all were idle for a while,
 * with a heartbeat or two in it. Options: {@code --conns}, {@code --first}, {@code --warm}, {@code
 * --publish}, {@code --idle-seconds}.
 */
final class IdleScenario implements Scenario, ConnectionPool.Listener {
  private final LoadedServer server;
  private final ConnectionPool pool;
  private final int connections;
  private final int first;
  private final String warm;
  private final PublishQuery publish;
  private final int idleSeconds;

  IdleScenario(LoadedServer server, Options options) throws IOException {
    this.server = server;
    pool = new ConnectionPool(server.target(), this);
    connections = options.number("--conns", 5_000);
    first = options.number("--first", 500);
    warm = options.text("--warm", "n=400&size=200&rate=0");
    publish = PublishQuery.of(options.text("--publish", "n=10&size=200&rate=5"));
    idleSeconds = options.number("--idle-seconds", 20);
  }

  @Override
  public String run() throws IOException {
    pool.oneByOne(); // a container keeps for reuse what it needed for those it opened at once
    pool.connect(LoadedServer.subscriptions(0, first, false));
    server.warmUp(pool, warm, first);
    server.warmUp(pool, publish.text(), first);
    long baseline = server.control().heap();

    pool.connect(LoadedServer.subscriptions(first, first + connections, false));
    pool.settle();
    long opened = server.control().heap();
    long eventsBefore = pool.events();
    server.warmUp(pool, publish.text(), first + connections);
    long delivered = pool.events() - eventsBefore;
    long received = server.control().heap();
    ProcessCost before = server.cost();
    pool.turnsFor(idleSeconds * 1_000_000_000L);
    ProcessCost.Used used = server.cost().since(before);
    long idled = server.control().heap();

    return server
        .json(pool)
        .add("lost", (long) publish.events() * (first + connections) - delivered)
        .add("heap_baseline", baseline)
        .add("heap_open", opened)
        .add("heap_received", received)
        .add("heap_idled", idled)
        .add("open_bytes_conn", perConnection(opened - baseline), 0)
        .add("received_bytes_conn", perConnection(received - baseline), 0)
        .add("idled_bytes_conn", perConnection(idled - baseline), 0)
        .add("idle_seconds", idleSeconds)
        .add("idle_cpu_us_s", idleSeconds == 0 ? 0 : used.cpuMicros() / idleSeconds, 0)
        .toString();
  }

  private double perConnection(long bytes) {
    return bytes / (double) connections;
  }

  @Override
  public void onEvent(Subscription subscription, long seq, long nanos) {
    // The pool counts them.
  }
}
