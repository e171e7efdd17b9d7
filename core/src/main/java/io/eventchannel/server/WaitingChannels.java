package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The channels of one endpoint whose connection was lost and whose client may come back: for how
 * long, and how many. Thread-safe; holds its monitor for moves of references only.
 *
 * <p>They have a bound of their own, as many as there may be connections, and the one that has
 * waited longest goes first: counted with the connections, those who went would keep out those who
 * come. All wait equally long, so the order in which they began is that in which they end.
 */
final class WaitingChannels implements ServerChannel.Home {
  private static final class Waiting {
    final ServerChannel channel;
    final CloseReason lost;
    final long until;

    Waiting(ServerChannel channel, CloseReason lost, long until) {
      this.channel = channel;
      this.lost = lost;
      this.until = until;
    }
  }

  private final Scheduler scheduler;
  private final Channels channels;
  private final Places places;
  private final Duration linger;
  private final int most;
  private final BooleanSupplier ending;
  private final Runnable whenDisconnected;

  // Guarded by this.
  private final LinkedHashMap<String, Waiting> waiting = new LinkedHashMap<>();
  private Scheduler.@Nullable Cancellable timer;

  /**
   * Creates them.
   *
   * @param ending whether the endpoint ends, so that no client can come back
   * @param whenDisconnected run when the place of a connection has been freed
   */
  WaitingChannels(
      Scheduler scheduler,
      Channels channels,
      Places places,
      Duration linger,
      int most,
      BooleanSupplier ending,
      Runnable whenDisconnected) {
    this.scheduler = scheduler;
    this.channels = channels;
    this.places = places;
    this.linger = linger;
    this.most = most;
    this.ending = ending;
    this.whenDisconnected = whenDisconnected;
  }

  @Override
  public @Nullable Duration keep(ServerChannel channel, CloseReason lost) {
    if (isFinal(lost) || ending.getAsBoolean()) {
      return null;
    }
    synchronized (this) {
      long until = scheduler.nanoTime() + linger.toNanos();
      waiting.put(channel.id(), new Waiting(channel, lost, until));
      startTimer();
    }
    if (ending.getAsBoolean()) { // asked again: whoever ends them all may have found it not there
      forget(channel);
      return null;
    }
    return linger;
  }

  /** Whether the client said that it closed the channel, with a code of its application (C-3). */
  private static boolean isFinal(CloseReason lost) {
    return lost.kind() == CloseReason.Kind.CLOSE_CODE
        && (lost.code() == CloseRules.NORMAL || lost.code() >= CloseRules.LOWEST_OF_APPLICATIONS);
  }

  @Override
  public synchronized void forget(ServerChannel channel) {
    waiting.remove(channel.id());
    stopTimer();
  }

  /** Forgets this wait; false if its channel waits no more, or anew. */
  private synchronized boolean forget(Waiting one) {
    boolean waited = waiting.remove(one.channel.id(), one);
    stopTimer();
    return waited;
  }

  /** Guarded by this. */
  private void stopTimer() {
    if (waiting.isEmpty() && timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public void replaced(Subscription connection) {
    channels.replaced(connection);
  }

  @Override
  public void disconnected(Subscription connection, @Nullable String principal) {
    places.ended(connection, principal);
    giveUp(false); // those that are too many now
    whenDisconnected.run();
  }

  @Override
  public void ended(ServerChannel channel) {
    channels.remove(channel);
  }

  /** Ends them all: no client can come back. */
  void end() {
    giveUp(true);
  }

  private void due() {
    synchronized (this) {
      timer = null;
    }
    giveUp(false);
    synchronized (this) {
      startTimer();
    }
  }

  /** Guarded by this. */
  private void startTimer() {
    if (timer == null && !waiting.isEmpty()) {
      long next = waiting.values().iterator().next().until - scheduler.nanoTime();
      timer = scheduler.schedule(this::due, Math.max(0, next));
    }
  }

  /** Ends those that have waited long enough or are too many, or all. */
  private void giveUp(boolean all) {
    List<Waiting> over = new ArrayList<>(0);
    synchronized (this) {
      long now = scheduler.nanoTime();
      Iterator<Waiting> eldest = waiting.values().iterator();
      while (eldest.hasNext()) {
        Waiting next = eldest.next();
        if (!all && waiting.size() - over.size() <= most && now - next.until < 0) {
          break;
        }
        over.add(next);
      }
    }
    // Outside the monitor: a channel that is attached at this moment takes its own, then this one.
    for (Waiting one : over) {
      one.channel.giveUp(one.lost, () -> forget(one));
    }
  }
}
