package io.eventchannel.tck;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * What a {@link FaultProxy} does to one connection: a value that each method returns changed.
 * Immutable. Several faults may stand in one plan; each begins at its own number of bytes.
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

  private static final FaultPlan NONE = new FaultPlan(false, List.of(), false, 0);
  private static final FaultPlan REFUSE = new FaultPlan(true, List.of(), false, 0);

  private final boolean refuses;
  private final List<Fault> faults;
  private final boolean oneByteSegments;
  private final int holdBytes;

  private FaultPlan(boolean refuses, List<Fault> faults, boolean oneByteSegments, int holdBytes) {
    this.refuses = refuses;
    this.faults = faults;
    this.oneByteSegments = oneByteSegments;
    this.holdBytes = holdBytes;
  }

  /** Returns the plan that forwards everything. */
  public static FaultPlan none() {
    return NONE;
  }

  /** Returns the plan that accepts a connection and resets it at once; nobody calls the target. */
  public static FaultPlan refuse() {
    return REFUSE;
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
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: expected 0 or more, got " + bytes);
    }
    List<Fault> all = new ArrayList<>(faults);
    all.add(new Fault(action, direction, bytes));
    all.sort(Comparator.comparingLong(Fault::afterBytes));
    return new FaultPlan(refuses, List.copyOf(all), oneByteSegments, holdBytes);
  }

  /** Forwards each byte by a write of its own; Nagle's algorithm is off. */
  public FaultPlan inOneByteSegments() {
    return new FaultPlan(refuses, faults, true, holdBytes);
  }

  /**
   * Holds back what comes down until it is {@code bytes} long or the server ends the stream, as a
   * buffering proxy does.
   */
  public FaultPlan holdBelow(int bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: expected 0 or more, got " + bytes);
    }
    return new FaultPlan(refuses, faults, oneByteSegments, bytes);
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

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    if (refuses) {
      words.add("refuse");
    }
    for (Fault fault : faults) {
      words.add(fault.action + " after " + fault.afterBytes + " " + fault.direction);
    }
    if (oneByteSegments) {
      words.add("one-byte segments");
    }
    if (holdBytes > 0) {
      words.add("hold below " + holdBytes);
    }
    return "FaultPlan" + words;
  }
}
