package io.eventchannel.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FaultProxy} does to one connection: a value that each method returns changed.
 * Immutable. Several faults may stand in one plan; each begins at its own number of bytes.
 *
 * <p>Plans that speak of heads, bodies and upgrades read HTTP/1.1, and of each connection the first
 * request and the first answer only.
 */
public final class FaultPlan {
  /** The way of the bytes that a fault counts and meets. */
  public enum Direction {
    /** From the client to the server. */
    UP,
    /** From the server to the client. */
    DOWN
  }

  /** How a connection is ended, on both sides. */
  public enum Cut {
    /** By FIN, after all bytes before it; what still comes from either side is swallowed. */
    FIN,
    /** By RST; bytes on their way may be lost. */
    RST
  }

  /** What happens at a number of bytes. */
  enum Action {
    FIN,
    RST,
    STALL,
    BLACK_HOLE
  }

  record Fault(Action action, Direction direction, long afterBytes) {}

  /** What becomes of a connection whose first request asks for a WebSocket. */
  enum Upgrades {
    PASS,
    REFUSE,
    HANG,
    CUT
  }

  private static final FaultPlan NONE = new FaultPlan();

  // Written by with() alone, before anybody else sees the copy.
  private boolean refuses;
  private List<Fault> faults = List.of();
  private boolean oneByteSegments;
  private int holdBytes;
  private boolean holdsBody;
  private @Nullable Cut cutAfterHead;
  private long leastDelayNanos;
  private long mostDelayNanos;
  private long delaySeed;
  private int bytesPerSecond;
  private long idleNanos;
  private Upgrades upgrades = Upgrades.PASS;
  private int refusal;

  private FaultPlan() {}

  private FaultPlan with(Consumer<FaultPlan> change) {
    FaultPlan copy = new FaultPlan();
    copy.refuses = refuses;
    copy.faults = faults;
    copy.oneByteSegments = oneByteSegments;
    copy.holdBytes = holdBytes;
    copy.holdsBody = holdsBody;
    copy.cutAfterHead = cutAfterHead;
    copy.leastDelayNanos = leastDelayNanos;
    copy.mostDelayNanos = mostDelayNanos;
    copy.delaySeed = delaySeed;
    copy.bytesPerSecond = bytesPerSecond;
    copy.idleNanos = idleNanos;
    copy.upgrades = upgrades;
    copy.refusal = refusal;
    change.accept(copy);
    return copy;
  }

  /** Returns the plan that forwards everything. */
  public static FaultPlan none() {
    return NONE;
  }

  /** Returns the plan that accepts a connection and resets it at once; nobody calls the target. */
  public static FaultPlan refuse() {
    return NONE.with(copy -> copy.refuses = true);
  }

  /**
   * Cuts the connection when exactly {@code bytes} were forwarded in a direction; zero cuts it
   * before the first.
   */
  public FaultPlan cutAfter(long bytes, Direction direction, Cut how) {
    return with(how == Cut.FIN ? Action.FIN : Action.RST, direction, bytes);
  }

  /**
   * Stops to forward in a direction when exactly {@code bytes} were forwarded, until {@link
   * ProxiedConnection#unstall}: the sender's buffers fill up.
   */
  public FaultPlan stallAfter(long bytes, Direction direction) {
    return with(Action.STALL, direction, bytes);
  }

  /**
   * Swallows what comes after exactly {@code bytes} in a direction, the end of the stream included,
   * while the connection stays open: the peer sees silence.
   */
  public FaultPlan blackHoleAfter(long bytes, Direction direction) {
    return with(Action.BLACK_HOLE, direction, bytes);
  }

  private FaultPlan with(Action action, Direction direction, long bytes) {
    Objects.requireNonNull(direction, "direction");
    List<Fault> all = new ArrayList<>(faults);
    all.add(new Fault(action, direction, atLeast(0, "bytes", bytes)));
    all.sort(Comparator.comparingLong(Fault::afterBytes));
    return with(copy -> copy.faults = List.copyOf(all));
  }

  /** Cuts the connection right after the head of the server's first answer, as 200 or 101. */
  public FaultPlan cutAfterHead(Cut how) {
    Objects.requireNonNull(how, "how");
    return with(copy -> copy.cutAfterHead = how);
  }

  /** Forwards each byte by a write of its own; Nagle's algorithm is off. */
  public FaultPlan inOneByteSegments() {
    return with(copy -> copy.oneByteSegments = true);
  }

  /**
   * Holds back what comes down until it is {@code bytes} long or the server ends the stream, as a
   * buffering proxy does.
   */
  public FaultPlan holdBelow(int bytes) {
    int checked = (int) atLeast(0, "bytes", bytes);
    return with(copy -> copy.holdBytes = checked);
  }

  /**
   * Lets the head of the first answer pass and holds its body back until the server ends it, as a
   * proxy does that wants to store, compress or inspect the whole. What follows a 101 passes.
   */
  public FaultPlan holdBody() {
    return with(copy -> copy.holdsBody = true);
  }

  /**
   * Delays each piece that was read, in both directions, by a random time; the same seed gives the
   * same times. Pieces that come meanwhile go on together, as one.
   */
  public FaultPlan delayedBy(Duration least, Duration most, long seed) {
    long leastNanos = atLeast(0, "least", least.toNanos());
    long mostNanos = atLeast(leastNanos, "most", most.toNanos());
    return with(
        copy -> {
          copy.leastDelayNanos = leastNanos;
          copy.mostDelayNanos = mostNanos;
          copy.delaySeed = seed;
        });
  }

  /** Forwards no faster than this in either direction, evenly; the sender's buffers fill up. */
  public FaultPlan atBytesPerSecond(int bytes) {
    int checked = (int) atLeast(1, "bytes", bytes);
    return with(copy -> copy.bytesPerSecond = checked);
  }

  /**
   * Turns the connection into a black hole once no byte has passed in either direction for so long,
   * as a router does that forgets an idle path.
   */
  public FaultPlan forgetWhenIdle(Duration idle) {
    long nanos = atLeast(1, "idle", idle.toNanos());
    return with(copy -> copy.idleNanos = nanos);
  }

  /**
   * Answers a first request that asks for a WebSocket with a status, in the server's place, and
   * ends the connection by FIN. Everything else passes.
   */
  public FaultPlan refuseUpgrades(int status) {
    int checked = (int) atLeast(200, "status", status);
    return with(
        copy -> {
          copy.upgrades = Upgrades.REFUSE;
          copy.refusal = checked;
        });
  }

  /** Swallows a connection whose first request asks for a WebSocket. Everything else passes. */
  public FaultPlan hangUpgrades() {
    return with(copy -> copy.upgrades = Upgrades.HANG);
  }

  /** Resets a WebSocket between its 101 and its first frame. Everything else passes. */
  public FaultPlan cutUpgrades() {
    return with(copy -> copy.upgrades = Upgrades.CUT);
  }

  private static long atLeast(long least, String name, long value) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": expected " + least + " or more, got " + value);
    }
    return value;
  }

  boolean refuses() {
    return refuses;
  }

  /** The faults of a direction, by the number of bytes. */
  List<Fault> faults(Direction direction) {
    return faults.stream().filter(fault -> fault.direction == direction).toList();
  }

  boolean hasOneByteSegments() {
    return oneByteSegments;
  }

  int holdBytes(Direction direction) {
    return direction == Direction.DOWN ? holdBytes : 0;
  }

  boolean holdsBody() {
    return holdsBody;
  }

  @Nullable Cut cutAfterHead() {
    return cutAfterHead;
  }

  /** Returns what draws the delays of a direction, in nanoseconds; null if there are none. */
  @Nullable LongSupplier delays(Direction direction) {
    if (mostDelayNanos == 0) {
      return null;
    }
    Random random = new Random(direction == Direction.UP ? delaySeed : ~delaySeed);
    return () ->
        leastDelayNanos + (long) (random.nextDouble() * (mostDelayNanos - leastDelayNanos));
  }

  /** Zero for as fast as can be. */
  int bytesPerSecond() {
    return bytesPerSecond;
  }

  /** Zero for never. */
  long idleNanos() {
    return idleNanos;
  }

  Upgrades upgrades() {
    return upgrades;
  }

  int refusal() {
    return refusal;
  }

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    say(words, refuses, "refuse");
    for (Fault fault : faults) {
      words.add(fault.action + " after " + fault.afterBytes + " " + fault.direction);
    }
    say(words, cutAfterHead != null, cutAfterHead + " after the head");
    say(words, oneByteSegments, "one-byte segments");
    say(words, holdBytes > 0, "hold below " + holdBytes);
    say(words, holdsBody, "hold the body");
    say(
        words,
        mostDelayNanos > 0,
        "delay " + leastDelayNanos / 1_000_000 + " to " + mostDelayNanos / 1_000_000 + " ms");
    say(words, bytesPerSecond > 0, bytesPerSecond + " bytes/s");
    say(words, idleNanos > 0, "forget after " + idleNanos / 1_000_000 + " idle ms");
    say(
        words,
        upgrades != Upgrades.PASS,
        upgrades + " upgrades" + (upgrades == Upgrades.REFUSE ? " with " + refusal : ""));
    return "FaultPlan" + words;
  }

  private static void say(List<String> words, boolean holds, String word) {
    if (holds) {
      words.add(word);
    }
  }
}
