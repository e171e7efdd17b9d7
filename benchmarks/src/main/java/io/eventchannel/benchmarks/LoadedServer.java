package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The server that a {@link LoadClient} is for: its feed, its {@link ControlSurface}, its cost. */
record LoadedServer(String mode, LoadTarget target, ControlClient control, long pid) {
  private static final long PATIENCE_NANOS = 120_000_000_000L;
  private static final long QUIET_NANOS = 4_000_000_000L;

  static LoadedServer of(Options options) {
    String mode = options.text("--mode", "ws");
    int port = options.number("--port", 9_000);
    int pid = options.number("--pid", 0);
    if (pid <= 0) {
      throw new IllegalArgumentException("--pid: expected that of the server, got " + pid);
    }
    LoadTarget target = LoadTarget.of(mode, port, options.text("--subprotocol", ""));
    return new LoadedServer(mode, target, new ControlClient(port + 1), pid);
  }

  ProcessCost cost() throws IOException {
    return ProcessCost.of(pid);
  }

  /** So many subscriptions of everything. */
  static List<Subscription> subscriptions(int from, int to, boolean resume) {
    List<Subscription> subscriptions = new ArrayList<>();
    for (int i = from; i < to; i++) {
      subscriptions.add(new Subscription(i, "", resume));
    }
    return subscriptions;
  }

  /**
   * Has events broadcast and waits until they have come.
   *
   * @param queries one behind the other, with commas between; none if empty
   * @param fanOut how many deliveries one event is
   */
  void warmUp(ConnectionPool pool, String queries, int fanOut) throws IOException {
    for (String text : queries.isEmpty() ? new String[0] : queries.split(",")) {
      PublishQuery query = PublishQuery.of(text);
      long expected = pool.events() + (long) query.events() * fanOut;
      control.publish(query);
      await(pool, () -> pool.events() >= expected);
      pool.settle();
    }
  }

  /** Until then, or until nothing has come for long and the server publishes no more. */
  void await(ConnectionPool pool, BooleanSupplier done) throws IOException {
    long began = System.nanoTime();
    while (!pool.turnsUntil(done, QUIET_NANOS)) {
      long now = System.nanoTime();
      long quiet = now - Math.max(began, pool.lastEventAt());
      if (now - began > PATIENCE_NANOS
          || quiet > 4 * QUIET_NANOS
          || (quiet > QUIET_NANOS && !control.publishing())) {
        return;
      }
    }
  }

  /** Begins a line about this server. */
  JsonLine json(ConnectionPool pool) {
    return new JsonLine()
        .add("mode", mode)
        .add("open", pool.open().size())
        .add("failed", pool.failed())
        .add("closed", pool.closed());
  }
}
