package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One connection's reading of the feed: it takes what comes next from its {@link Cursor} and hands
 * it to the outlet, while the outlet is writable.
 *
 * <p>Who writes what:
 *
 * <ul>
 *   <li>The <em>owner's</em> fields have one writer, the owner: the loop, which may be one on the
 *       outlet's own executor.
 *   <li>The <em>signals</em> are set by anybody, each a volatile of its own, and then {@link #wake}
 *       is called; the owner reads them at its next turn. A wake before the turn that answers it
 *       has begun is one wake; one that comes later makes another turn. So a signal that was set
 *       before a wake is never overlooked.
 *   <li>{@code ended} is written by the owner, once, and read by all.
 * </ul>
 *
 * <p>There are as many of these as there are connections, and most are idle. So what most need
 * seldom or never is made when it is needed, what is the same for all is asked of the engine, and
 * the signals are fields with an updater instead of objects of their own.
 */
final class Subscription implements OutletListener, Cursor.Owner, Runnable {
  /** Told what comes back over the connection; must only mark and wake, except as said. */
  interface Peer {
    /** A message came. Called on the container's thread. */
    void received(Subscription subscription, byte[] frame);

    /** The connection has ended. Exactly once, last. */
    void ended(Subscription subscription, CloseReason reason);
  }

  private static final Logger LOGGER = System.getLogger(Subscription.class.getName());

  // A turn ends after so many writes, so that a long replay does not keep the loop from the others.
  private static final int WRITES_PER_TURN = 8;

  private static final AtomicIntegerFieldUpdater<Subscription> QUEUED =
      AtomicIntegerFieldUpdater.newUpdater(Subscription.class, "queued");
  private static final AtomicReferenceFieldUpdater<Subscription, CloseReason> CLOSED =
      AtomicReferenceFieldUpdater.newUpdater(Subscription.class, CloseReason.class, "closed");
  private static final AtomicReferenceFieldUpdater<Subscription, CloseReason> CONDEMNED =
      AtomicReferenceFieldUpdater.newUpdater(Subscription.class, CloseReason.class, "condemned");
  private static final AtomicReferenceFieldUpdater<Subscription, Ending> ENDING =
      AtomicReferenceFieldUpdater.newUpdater(Subscription.class, Ending.class, "ending");

  private final FeedEngine engine;
  private final Loop loop;
  private final OutletGate outlet;
  private final Peer peer;
  private final Vitals vitals;
  private final Cursor cursor;
  private final WriteOrder order;
  private final Parking.Place place;

  // Signals.
  private volatile int queued = 1; // from a wake until the turn that answers it, and before start()
  private volatile @Nullable CloseReason closed; // the first reason counts, as in the next two
  private volatile @Nullable CloseReason condemned;
  private volatile @Nullable Ending ending;

  // The owner's.
  private volatile boolean ended;

  Subscription(
      FeedEngine engine,
      Loop loop,
      Outlet outlet,
      Peer peer,
      BatchCache.Reading reading,
      Vitals vitals,
      ControlQueue controls,
      @Nullable Position start,
      boolean startsUnknown) {
    this.engine = engine;
    this.loop = loop;
    this.outlet = new OutletGate(outlet, vitals, engine.metricsOf(reading.format));
    this.peer = peer;
    this.vitals = vitals;
    this.place = new Parking.Place(this);
    this.cursor = new Cursor(this, new Progress(reading, start, startsUnknown));
    this.order = new WriteOrder(this.outlet, controls, cursor, reading.format);
  }

  /**
   * The connection is open; before its first turn.
   *
   * @param resumes whether its client named the last event that it has
   */
  void opened(boolean resumes) {
    if (resumes) {
      cursor.returns();
    }
    metrics().opened(resumes);
  }

  private ConnectionMetrics metrics() {
    return engine.metricsOf(format());
  }

  /** Begins with the turns; once it is registered, and nobody has to be told of it any more. */
  void start() {
    loop.enqueue(this);
  }

  // ---- from any thread

  @Override
  public FeedEngine engine() {
    return engine;
  }

  /** Makes the owner take a turn soon. */
  @Override
  public void wake() {
    if (queued == 0 && QUEUED.compareAndSet(this, 0, 1)) {
      loop.enqueue(this);
    }
  }

  @Override
  public void ready() {
    outlet.ready();
    wake();
  }

  @Override
  public void pong() {
    vitals.alive();
  }

  @Override
  public void received(byte[] frame) {
    vitals.alive();
    endIfExpired();
    if (!ended && !vitals.hasExpired()) { // which may end already for another reason
      peer.received(this, frame);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    if (CLOSED.compareAndSet(this, null, reason)) {
      wake();
    }
  }

  ControlQueue controls() {
    return order.controls();
  }

  WireFormat format() {
    return reading().format;
  }

  /** What it reads. */
  BatchCache.Reading reading() {
    return cursor.reading();
  }

  /** Whether its client's permission is over; from any thread. */
  boolean hasExpired() {
    return vitals.hasExpired();
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Ends the connection in an orderly way at the next event boundary, after what waits beside the
   * feed and the last words; whatever becomes of that, the peer is told {@code reason}. Only the
   * first call counts.
   */
  void end(int code, String text, CloseReason reason, byte[] last) {
    // First, so that the owner who sees the end finds all that goes before it in the queue.
    controls().seal();
    Ending asked = new Ending(code, text, reason, last, engine.scheduler().nanoTime());
    if (ENDING.compareAndSet(this, null, asked)) {
      wake();
    }
  }

  /** Cuts the connection. Only the first reason counts. */
  void condemn(CloseReason reason) {
    if (CONDEMNED.compareAndSet(this, null, reason)) {
      wake();
    }
  }

  /** The peer was heard of by another way than this connection. */
  void heard() {
    vitals.alive();
  }

  /** Why it was told to end; null if it was not. */
  @Nullable CloseReason endReason() {
    Ending asked = ending;
    return asked == null ? null : asked.reason;
  }

  /** For how long nothing was heard of the peer, in nanoseconds; -1 if it may not be dead. */
  long unprovenNanos(long now) {
    return ending == null && !ended ? vitals.unprovenNanos(now) : -1;
  }

  /** Looks at the clock; called by the one timer of all. */
  void tick(long now) {
    if (ended) {
      return;
    }
    if (vitals.hasStalled(now)) {
      wake(); // to tell of it, by the one who also tells its end and that of the connection
    }
    endIfExpired();
    Ending asked = ending;
    CloseReason death = vitals.death(now, asked == null ? null : asked.since);
    if (death != null) {
      condemn(death);
    } else if (asked == null && vitals.isTooOld(now)) {
      end(1000, "", CloseReason.of(CloseReason.Kind.LOCAL, "age limit"), SseEncoder.retry(0));
    } else if (asked == null && engine.policy().isDisconnect() && cursor.isTooSlow()) {
      CloseReason slow = CloseReason.local(4000, "slow consumer");
      end(4000, slow.text(), slow, Ending.lastWords(format(), 4000, slow.text(), 0));
    } else if (vitals.isBeatDue(now)) {
      order.beat();
      wake();
    }
  }

  /**
   * Asked before anything is written and before anything is taken in, not only by the timer. It is
   * the connection that ends, not the channel: its client comes back with fresh credentials.
   */
  private void endIfExpired() {
    if (ending == null && vitals.hasExpired()) {
      CloseReason expired = CloseReason.local(Ending.CREDENTIALS, Authorizations.EXPIRED);
      byte[] last = Ending.lastWords(format(), expired.code(), expired.text(), 0);
      end(expired.code(), expired.text(), expired, last);
    }
  }

  // ---- on the loop

  /** The turn that answers a wake; only for the loop. */
  @Override
  public void run() {
    queued = 0;
    loop.unpark(place);
    turn();
  }

  /** Takes a turn. */
  void turn() {
    if (ended) {
      return;
    }
    try {
      takeTurn(loop.cache());
    } catch (Throwable t) { // ended: one that sleeps on in silence would look alive to its client
      LOGGER.log(Level.ERROR, "A subscription's turn failed; its connection ends", t);
      die(CloseReason.local(1011, "internal error"));
    }
  }

  /** The loop knows: below that index was nothing for this subscription. */
  void skipTo(Run run, long index, Position safe) {
    cursor.skipTo(run, index, safe);
  }

  /** The loop that serves it. */
  Loop loop() {
    return loop;
  }

  /** The executor of its outlet, or null if it is served by a loop of ours. */
  @Nullable Executor executor() {
    return outlet.executor();
  }

  /** The index in the window below which it has looked; for who does not mind that it moves. */
  long index() {
    return cursor.index();
  }

  /** Whether a write has been under way for so long; from any thread. */
  boolean isStalled(long now, long nanos) {
    return vitals.isStalled(now, nanos);
  }

  /** How many events of the feed were written to it; on the loop. */
  long eventsWritten() {
    return outlet.events();
  }

  boolean wants(Run.Slot slot) {
    return reading().wants(slot.topic());
  }

  /** The run in which it waits, or null while it does not wait for one. */
  @Nullable Run waitsIn() {
    return cursor.run();
  }

  private void takeTurn(BatchCache cache) {
    assert !place.isParked()
        : "in a turn it moves, and the loop takes it to be where it was parked";
    if (loop.isRejected()) {
      die(CloseReason.of(CloseReason.Kind.NETWORK, "the container has stopped"));
      return;
    }
    outlet.tellStall();
    for (int i = 0; i < WRITES_PER_TURN; i++) {
      endIfExpired();
      CloseReason gone = closed;
      if (gone != null) {
        finish(gone);
        return;
      }
      CloseReason death = condemned;
      if (death != null) {
        die(death);
        return;
      }
      if (!outlet.isWritable()) {
        if (i == 0) { // so that a turn which wrote something does no more
          order.tellLag();
        }
        cursor.busy();
        return; // ready() or closed() wakes us
      }
      // The end is read before the queue: what was added before it was asked for is then seen.
      switch (order.next(ending, cache)) {
        case WROTE:
          break;
        case NOTHING:
          rest();
          return;
        case DEAD:
          CloseReason told = closed;
          die(told != null ? told : CloseReason.of(CloseReason.Kind.NETWORK, "write failed"));
          return;
      }
    }
    wake();
  }

  private void die(CloseReason reason) {
    outlet.abort();
    finish(reason);
  }

  /** Nothing is left to do now: sleep until somebody wakes us. */
  private void rest() {
    if (ended) {
      return;
    }
    if (!vitals.isWriting()) {
      cursor.idle();
    }
    Run run = cursor.run();
    if (run == null || outlet.isClosing()) {
      return; // the reader, a timer, the outlet or a new run wakes us
    }
    if (!loop.park(place, run, cursor.index())) {
      wake();
    }
  }

  private void finish(CloseReason reason) {
    if (ended) {
      return;
    }
    ended = true;
    cursor.abandon();
    Ending asked = ending;
    CloseReason why = asked == null ? reason : asked.reason;
    loop.retire(place);
    try {
      controls().close(); // which may call an executor of the application
    } finally {
      engine.left(this);
      tellEnd(why);
      peer.ended(this, why);
    }
  }

  private void tellEnd(CloseReason reason) {
    outlet.tellStallEnded(vitals.end());
    metrics().closed(reason);
  }
}
