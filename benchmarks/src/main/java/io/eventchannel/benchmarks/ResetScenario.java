package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Amid a broadcast some connections are reset, and come back at once from the ID of the last event
 * that they received. One is back when it has the newest event that has come to any connection
 * which was not reset. Options: {@code --conns}, {@code --reset}, {@code --after-millis}, {@code
 * --warm}, {@code --publish}.
 */
final class ResetScenario implements Scenario, ConnectionPool.Listener {
  private final LoadedServer server;
  private final ConnectionPool pool;
  private final int connections;
  private final int resets;
  private final long afterNanos;
  private final String warm;
  private final PublishQuery publish;
  private final Latencies returns = new Latencies();
  private @Nullable Tally innocents;
  private @Nullable Tally returning;
  private boolean[] away = new boolean[0];
  private long newest;
  private long resetAt;
  private long longest;
  private int back;
  private int innocentsClosed;

  ResetScenario(LoadedServer server, Options options) throws IOException {
    this.server = server;
    pool = new ConnectionPool(server.target(), this);
    connections = options.number("--conns", 1_000);
    resets = options.number("--reset", connections / 2);
    afterNanos = options.number("--after-millis", 1_500) * 1_000_000L;
    warm = options.text("--warm", "");
    publish = PublishQuery.of(options.text("--publish", "n=320&size=200&rate=40"));
  }

  @Override
  public String run() throws IOException {
    List<Subscription> all = LoadedServer.subscriptions(0, connections, true);
    pool.connect(all);
    pool.settle();
    server.warmUp(pool, warm, connections);

    long first = server.control().published() + 1;
    int events = publish.events();
    Tally ofInnocents = tally(all.subList(resets, connections), first);
    Tally ofReturning = tally(all.subList(0, resets), first);
    newest = first - 1;
    innocents = ofInnocents;
    returning = ofReturning;
    ProcessCost before = server.cost();
    server.control().publish(publish);
    pool.turnsFor(afterNanos);
    reset(all.subList(0, resets));
    server.await(pool, () -> ofInnocents.isComplete() && ofReturning.isComplete());
    ProcessCost.Used used = server.cost().since(before);
    // Whatever comes now is a duplicate.
    pool.settle();

    JsonLine json = server.json(pool).add("events", events).add("reset", resets);
    used.addTo(json);
    return json.add("innocent_closed", innocentsClosed)
        .add("innocent_lost", ofInnocents.lost())
        .add("innocent_dups", ofInnocents.duplicates())
        .add("innocent_late", ofInnocents.late())
        .add("reset_lost", ofReturning.lost())
        .add("reset_dups", ofReturning.duplicates())
        .add("reset_late", ofReturning.late())
        .add("back", back)
        .add("back_p50_us", returns.quantile(0.5) / 1e3, 0)
        .add("back_p99_us", returns.quantile(0.99) / 1e3, 0)
        .add("back_max_us", longest / 1e3, 0)
        .toString();
  }

  private Tally tally(List<Subscription> subscriptions, long first) {
    long expected = (long) subscriptions.size() * publish.events();
    return new Tally(subscriptions, first, publish.events(), expected);
  }

  private void reset(List<Subscription> subscriptions) throws IOException {
    away = new boolean[resets];
    resetAt = System.nanoTime();
    for (LoadConnection connection : new ArrayList<>(pool.open())) {
      int index = connection.subscription().index;
      if (index < resets) {
        away[index] = true;
        pool.reset(connection);
      }
    }
    pool.connectLater(subscriptions);
  }

  @Override
  public void onEvent(Subscription subscription, long seq, long nanos) {
    Tally tally = subscription.index < resets ? returning : innocents;
    if (tally == null) {
      return;
    }
    tally.add(subscription.check, seq, nanos);
    if (tally == innocents) {
      newest = Math.max(newest, seq);
    }
    look(subscription);
  }

  @Override
  public void onOpen(Subscription subscription) {
    look(subscription);
  }

  @Override
  public void onClosed(Subscription subscription) {
    innocentsClosed += subscription.index < resets ? 0 : 1;
  }

  private void look(Subscription subscription) {
    SequenceCheck check = subscription.check;
    int index = subscription.index;
    if (check != null && index < away.length && away[index] && check.highest() >= newest) {
      away[index] = false;
      back++;
      long took = System.nanoTime() - resetAt;
      returns.add(took);
      longest = Math.max(longest, took);
    }
  }
}
