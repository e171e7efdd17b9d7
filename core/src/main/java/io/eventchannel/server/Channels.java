package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The channels of one endpoint by ID, the places for their connections, and the one timer of all.
 * The timer runs while there is a channel.
 */
final class Channels {
  private static final int ID_BITS = 128;
  private static final int ID_LENGTH = 22;
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private final Scheduler scheduler;
  private final Random random;
  private final int places;
  private final long tickNanos;

  private final ConcurrentHashMap<String, ServerChannel> byId = new ConcurrentHashMap<>();
  // Connections that another one of the same channel has replaced, and that have not ended yet.
  private final Set<Subscription> replaced = ConcurrentHashMap.newKeySet();
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicBoolean ticking = new AtomicBoolean();

  Channels(Scheduler scheduler, Random random, int places, long tickNanos) {
    this.scheduler = scheduler;
    this.random = random;
    this.places = places;
    this.tickNanos = tickNanos;
  }

  /** Takes a place; false if all are taken. */
  boolean takePlace() {
    if (taken.incrementAndGet() <= places) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  void releasePlace() {
    taken.decrementAndGet();
  }

  int places() {
    return taken.get();
  }

  /** Returns 128 random bits in base62, always 22 characters. */
  String newId() {
    BigInteger rest = new BigInteger(ID_BITS, random);
    BigInteger base = BigInteger.valueOf(BASE62.length());
    char[] id = new char[ID_LENGTH];
    for (int i = ID_LENGTH - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(base);
      id[i] = BASE62.charAt(parts[1].intValue());
      rest = parts[0];
    }
    return new String(id);
  }

  void add(ServerChannel channel) {
    byId.put(channel.id(), channel);
    tickWhileNeeded();
  }

  void remove(ServerChannel channel) {
    byId.remove(channel.id(), channel);
  }

  /** The timer looks after a connection until its end, though it is no channel's any more. */
  void replaced(Subscription connection) {
    replaced.add(connection);
    if (connection.hasEnded()) { // before it was added
      replaced.remove(connection);
    }
  }

  /** A connection has ended; its place is freed by {@link #releasePlace}, if it still had one. */
  void disconnected(Subscription connection) {
    replaced.remove(connection);
  }

  /** Returns the channel of that ID, whosever it is; null if there is none. */
  @Nullable ServerChannel find(@Nullable String id) {
    return id == null ? null : byId.get(id);
  }

  Collection<ServerChannel> all() {
    return byId.values();
  }

  private void tickWhileNeeded() {
    if (ticking.compareAndSet(false, true)) {
      scheduler.schedule(this::tick, tickNanos);
    }
  }

  private void tick() {
    try {
      long now = scheduler.nanoTime();
      for (ServerChannel channel : byId.values()) {
        channel.tick(now);
      }
      for (Subscription connection : replaced) {
        connection.tick(now);
      }
    } finally { // one channel's defect must not stop the timer of all
      // A channel that is added between the two lines starts the timer itself.
      ticking.set(false);
      if (!byId.isEmpty() || !replaced.isEmpty()) {
        tickWhileNeeded();
      }
    }
  }
}
