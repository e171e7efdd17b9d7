package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.EventChannelListener;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.codec.FieldRules;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends: takes envelopes in, tells duplicates and holes by their sequence numbers,
 * hands the events to the listener in order, and knows up to where everything is decided.
 *
 * <p>An event is decided when the listener returned or threw, or when it was refused at the door.
 * The acknowledgement is one less than the first undecided number, and so covers refusals that were
 * told before.
 *
 * <p>Events over the rate are held until they are within it, so that a client which keeps its
 * window (protocol rule U-8) is slowed down by acknowledgements that come later, and refused
 * nothing. Those for which there is no room are refused at the door.
 *
 * <p>It lives as long as its channel, over all connections, and remembers of what was decided the
 * last number and the refusals among the latest ones: so it is bounded whatever is sent.
 */
final class Uplink {
  /** What became of a message. */
  static final class Outcome {
    /** The numbers and reasons refused at the door. */
    final List<Refusal> refusals = new ArrayList<>(0);

    /** What breaks the protocol, or null; what stands before it was taken. */
    @Nullable RuntimeException broken;

    /** The number that was expected where another one came, or 0. */
    long hole;

    /** For how many nanoseconds the message was not taken, since it is over the rate; or 0. */
    long overRateFor;

    /** Whether something that this message named is still undecided. */
    boolean waits;

    /** Whether it brought something that the listener is given. */
    boolean brings;

    /** The last number that it named and an earlier message had brought; 0 for none. */
    long repeated;

    /** The first number of this message; 0 for none. */
    long first;
  }

  /** An event that was not taken. */
  static final class Refusal {
    final long seq;
    final String reason;

    Refusal(long seq, String reason) {
      this.seq = seq;
      this.reason = reason;
    }
  }

  /** Told about events that were given to the listener; on the application's executor. */
  interface Decisions {
    /** The listener threw. */
    void refused(Refusal refusal);

    /** Everything up to the number is decided. */
    void decided(long ack);
  }

  private static final Logger LOGGER = System.getLogger(Uplink.class.getName());

  // Beside the byte bound: so many tiny events are as good as a full queue.
  private static final int MAX_WAITING = 1024;

  // A client that keeps no such bound may have one undecided and all others refused; then all of
  // them are to be told at once, and have to fit the reserve of a ControlQueue.
  private static final int MAX_UNHEARD = 2 * Refusals.REMEMBERED;

  private final ServerChannel channel;
  private final @Nullable EventChannelListener listener;
  private final ListenerCalls calls;
  private final Repeats repeats;
  private final EnvelopeReader reader;
  private final long maxWaitingBytes;
  private final UpstreamLimits limits;

  // Guarded by this; the listener is called outside it.
  private final ArrayDeque<Long> undecided = new ArrayDeque<>(2);
  private long last;
  private int waiting;
  private long waitingBytes;
  private long paidUntil; // as the rate reckons
  private @Nullable HeldEvents held; // null for none
  private long now; // when the message that is being taken came
  private boolean overRate; // and whether it is
  private final Refusals refused = new Refusals();

  private volatile boolean over;
  private volatile boolean broken;

  Uplink(
      ServerChannel channel,
      @Nullable EventChannelListener listener,
      ListenerCalls calls,
      UpstreamLimits limits) {
    this.channel = channel;
    this.listener = listener;
    this.calls = calls;
    this.repeats = new Repeats(this, calls);
    this.limits = limits;
    this.reader = new EnvelopeReader(limits.maxMessageBytes);
    this.maxWaitingBytes = limits.maxWaitingBytes();
    this.paidUntil = limits.now();
  }

  /** The application has closed the channel or been told its end: it gets nothing more. */
  void end() {
    synchronized (this) {
      over = true; // here, or an event could be queued before those that are held
      HeldEvents unheard = held;
      held = null;
      if (unheard == null) {
        return;
      }
      unheard.releaseAll(calls::enqueue); // to be refused in their order
    }
    calls.start();
  }

  /** The connection has broken the rules, or lost the right to say anything. */
  void fail() {
    broken = true;
  }

  /** Whether nothing of the connection is read any more; a POST is refused alone. */
  boolean isBroken() {
    return broken;
  }

  /** The number up to which everything is decided; 0 for none. */
  synchronized long ack() {
    Long first = undecided.peek();
    return first == null ? last : first - 1;
  }

  /**
   * The number up to which a client that comes back need not ask again: all is decided up to it,
   * and none of the refusals that it may not have heard stands before it.
   */
  synchronized long ackForReturn() {
    return Math.min(ack(), refused.first() - 1);
  }

  /**
   * Whether no call among the channel's decides all that is undecided: events wait until they are
   * within the rate, or their sender may do less and they stay so.
   */
  synchronized boolean holds() {
    return held != null || isRevoked();
  }

  /** Whether the channel was ended since its client may do less. */
  boolean isRevoked() {
    return over && broken;
  }

  /** What is to be answered of what was repeated. */
  Repeats repeats() {
    return repeats;
  }

  /** The refusals of these numbers that are remembered. */
  synchronized List<Refusal> refusals(long from, long to) {
    return refused.between(from, to);
  }

  /** After how many nanoseconds events are within the rate again; 0 if they are. */
  synchronized long waitNanos() {
    return limits.rate.waitNanos(paidUntil, limits.now());
  }

  /** What a client is told whose events are over the rate. */
  String overRate() {
    return limits.overRate();
  }

  /**
   * Takes a message in: handed on at once as a whole, if the events before it were within the rate.
   * Else it is held, event by event, as long as there is room, or not taken at all if its sender
   * can be told so. Refusals that come later, from the listener, go to {@code decisions}, or to the
   * channel if the event was held.
   *
   * @param mayHold false if what is over the rate is not to be taken
   */
  Outcome take(byte[] message, Decisions decisions, boolean mayHold) {
    Outcome outcome = new Outcome();
    synchronized (this) {
      now = limits.now();
      release();
      long wait = limits.rate.waitNanos(paidUntil, now);
      overRate = !over && (held != null || wait > 0);
      if (overRate && !mayHold) {
        outcome.overRateFor = Math.max(1, wait);
      } else {
        read(message, outcome, decisions);
      }
    }
    calls.start();
    return outcome;
  }

  /** Guarded by this. */
  private void read(byte[] message, Outcome outcome, Decisions decisions) {
    try {
      reader.read(
          message,
          0,
          message.length,
          (seq, event) -> {
            if (!overRate) { // else what is held pays, so that nobody's debt grows for ever
              paidUntil = limits.rate.pay(paidUntil, now, 1);
            }
            if (outcome.hole == 0) {
              take(seq, event, outcome, decisions);
            }
          });
    } catch (ProtocolException | LimitExceededException e) {
      outcome.broken = e;
    }
  }

  private void take(long seq, Event event, Outcome outcome, Decisions decisions) {
    boolean numbered = seq != EnvelopeWriter.NO_SEQ;
    if (numbered && seq > last + 1) {
      outcome.hole = last + 1;
      return;
    }
    if (numbered) {
      outcome.first = outcome.first == 0 ? seq : outcome.first;
    }
    if (numbered && seq <= last) {
      Long first = undecided.peek();
      outcome.waits |= first != null && seq >= first;
      outcome.repeated = Math.max(outcome.repeated, seq);
      return;
    }
    if (numbered) {
      if (last - ack() >= MAX_UNHEARD) {
        throw new LimitExceededException(
            "events: expected at most " + MAX_UNHEARD + " from the first that is undecided");
      }
      last = seq;
      refused.forgetOld(last, ack());
      if (event.type().equals(ControlData.SKIP)) {
        return; // the number is used up, and that is all
      }
    } else if (event.type().equals(ControlData.ALIVE)) {
      return; // that it came was all it had to say
    }
    String refusal = whyNot(event);
    if (refusal != null) {
      if (numbered) {
        outcome.refusals.add(refused.add(seq, refusal));
      }
      return;
    }
    int weight = event.weight();
    waiting++;
    waitingBytes += weight;
    if (numbered) {
      undecided.add(seq);
    }
    outcome.waits = true;
    outcome.brings = true;
    if (overRate) {
      hold(seq, event, weight);
    } else {
      // Queued under the lock, so in the order of the numbers; run outside it.
      calls.enqueue(() -> give(seq, event, weight, decisions));
    }
  }

  /** Guarded by this. */
  private void hold(long seq, Event event, int weight) {
    HeldEvents to = held;
    if (to == null) {
      // On the row of calls: the timer is everybody's, and a message may be long to take in.
      to = new HeldEvents(limits, due -> calls.add(() -> heldIsDue(due)));
      held = to;
    }
    long due = now + limits.rate.waitNanos(paidUntil, now);
    paidUntil = limits.rate.pay(paidUntil, now, 1);
    to.add(() -> give(seq, event, weight, new SocketUpstream(channel)), now, due, weight);
  }

  /** Hands on what is due by now. Guarded by this. */
  private void release() {
    HeldEvents from = held;
    if (from != null && from.release(now, calls::enqueue)) {
      held = null;
    }
  }

  private void heldIsDue(HeldEvents due) {
    synchronized (this) {
      if (held != due) {
        return; // all of it was released meanwhile, and others may be held by now
      }
      now = limits.now();
      release();
      if (held != null) {
        held.wakeAgain(now);
      }
    }
  }

  private @Nullable String whyNot(Event event) {
    if (listener == null) {
      return "this endpoint takes no events";
    }
    try {
      FieldRules.checkApplicationEvent(event);
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    if (waiting >= MAX_WAITING
        || (waiting > 0 && waitingBytes + event.weight() > maxWaitingBytes)) {
      return overRate ? limits.overRate() : "too many events wait for the application";
    }
    return overRate && !limits.reserveHeld(event.weight()) ? limits.overRate() : null;
  }

  private void give(long seq, Event event, int weight, Decisions decisions) {
    String refusal = null;
    if (isRevoked()) {
      // It stays undecided, as all behind it: the client is to come back, and sends it
      // again then.
      return;
    }
    if (over || listener == null) {
      refusal = "the channel is closed";
    } else {
      try {
        listener.onEvent(channel, event);
      } catch (Throwable t) { // an Error, too, refuses this event and no other
        LOGGER.log(
            Level.WARNING, "The listener failed on an event from channel " + channel.id(), t);
        refusal = "the application failed";
      }
    }
    boolean numbered = seq != EnvelopeWriter.NO_SEQ;
    synchronized (this) {
      waiting--;
      waitingBytes -= weight;
      if (numbered) {
        Long first = undecided.poll();
        assert first != null && first == seq : "expected " + first + ", got " + seq;
        if (refusal != null) {
          refused.add(seq, refusal);
        }
        refused.forgetOld(last, ack());
      }
    }
    if (numbered) {
      if (refusal != null) {
        decisions.refused(new Refusal(seq, refusal));
      }
      decisions.decided(ack());
    }
  }
}
