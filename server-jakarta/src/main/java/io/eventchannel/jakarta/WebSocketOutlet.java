package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.transport.Scheduler;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket session, written without blocking and one frame at a time: Tomcat refuses a send
 * while another is in flight, the others queue it without bound.
 *
 * <p>{@code busy} is true from the start of a send or ping until its end; the engine starts the
 * next one only after it was told of that end, and a close waits for it. Pings and closes block in
 * some containers, so they run on the adapter's own threads. {@code close} is remembered and begun
 * by whoever finds or makes the session not busy; if the send in flight never ends, a timer cuts
 * the session. Once {@code closeBegun}, nobody begins another: containers differ in what a second
 * close does to the first.
 *
 * <p><b>Tomcat</b> takes another thread for the end of each asynchronous send, which costs as much
 * again as the send. There a frame or ping is sent by the call that waits, as long as {@link
 * CreditedSends} cover it, so that there is nothing to wait for, and never for long; what exceeds
 * that goes the other way, and then the peer is asked how far it has read, by a ping from the
 * adapter's threads.
 *
 * <p>The fields are guarded by the object's own lock, under which nothing of the container or the
 * engine is called. A container calls a {@link Send} from the writer's own thread, from inside the
 * send, or from another one.
 */
final class WebSocketOutlet extends OpenConnections.Member implements Outlet {
  /** How long a container may take from an error to the close that it owes us. */
  private static final long CALLBACK_MILLIS = 10_000;

  // Lets the peer come back, should it still read it.
  private static final int GIVEN_UP = CloseCodes.GOING_AWAY.getCode();

  private final Session session;
  private final RemoteEndpoint.Async remote;
  private final Home home;
  private final WireFormat format;
  private final long writeTimeoutMillis;
  private final @Nullable CreditedSends credited; // where it pays
  final OutletSignals signals = new OutletSignals();

  // Guarded by this.
  private boolean busy;
  private boolean gone;
  private boolean closeBegun;
  private @Nullable SessionClose closing;
  private Scheduler.Cancellable deadline = () -> {};

  /**
   * Creates the outlet of a session that has just been opened.
   *
   * @param credited where a call that waits is cheaper than one that does not; else null
   */
  WebSocketOutlet(Session session, WebSocketUpgrade upgrade, @Nullable CreditedSends credited) {
    this.session = session;
    this.remote = session.getAsyncRemote();
    this.home = upgrade.home;
    this.format = upgrade.admission.format();
    this.writeTimeoutMillis = upgrade.admission.writeTimeoutMillis();
    this.credited = credited;
    // The engine's watchdog comes first. This is for containers in which a close waits for the
    // send.
    Jetty.boundSends(session, remote, 2 * writeTimeoutMillis);
    home.connections.add(this);
  }

  @Override
  public @Nullable Executor executor() {
    return home.executor();
  }

  @Override
  public WireFormat format() {
    return format;
  }

  @Override
  public int batchBytes() {
    return credited == null ? Outlet.super.batchBytes() : Tomcat.batchBytes(format);
  }

  @Override
  public WriteResult write(Batch batch) {
    if (!begin()) {
      return atItsEnd();
    }
    if (credited != null && credited.covers(batch.size())) {
      return sendOnCredit(credited, batch);
    }
    Send send = new Send(batch.size());
    try {
      if (batch.isBinaryFrame()) {
        remote.sendBinary(batch.buffer(), send);
      } else {
        remote.sendText(batch.text(), send);
      }
    } catch (
        RuntimeException e) { // the session was closed meanwhile: containers differ in the type
      failed(e);
      return WriteResult.DEAD;
    }
    return send.returned();
  }

  /** Sends the batch, or a ping where there is none. */
  private WriteResult sendOnCredit(CreditedSends sends, @Nullable Batch batch) {
    try {
      sends.send(batch);
    } catch (IOException | RuntimeException e) {
      // Tomcat closes the session, or has closed it, and says why: a close of the peer, perhaps.
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "a send failed", e);
      awaitClose();
      return WriteResult.PENDING;
    }
    end();
    return WriteResult.DONE;
  }

  @Override
  public WriteResult ping() {
    if (!begin()) {
      return atItsEnd();
    }
    CreditedSends asking = credited;
    if (asking != null && asking.covers(Long.BYTES)) {
      return sendOnCredit(asking, null);
    }
    if (!home.run(() -> pingAndEnd(asking == null ? ByteBuffer.allocate(0) : asking.ask()))) {
      failed(null);
      return WriteResult.DEAD;
    }
    return WriteResult.PENDING;
  }

  /** Pings, on a thread that may wait, and then gives the session free. */
  private void pingAndEnd(ByteBuffer payload) {
    try {
      remote.sendPing(payload);
    } catch (IOException | RuntimeException e) {
      failed(e);
      return;
    }
    end();
    signals.ready();
  }

  /**
   * Asks the peer how far it has read, if it is time to. The session stays taken meanwhile; returns
   * false if it was not asked, also when others are being asked who do not take the question.
   */
  private boolean askElsewhere() {
    CreditedSends spent = credited;
    return spent != null
        && spent.isProofDue()
        && home.calls.runIfFew(() -> pingAndEnd(spent.ask()));
  }

  /** A pong came. */
  void pong(ByteBuffer payload) {
    if (credited != null) {
      credited.answered(payload);
    }
    signals.pong();
  }

  /** Takes the session for one send or ping; returns false if there is no more to send. */
  private synchronized boolean begin() {
    if (gone || closing != null) {
      return false;
    }
    if (busy) {
      throw new IllegalStateException("write: expected ready() before the next one");
    }
    busy = true;
    return true;
  }

  /** What becomes of a write that is too late: a close of ours is told with its own reason. */
  private synchronized WriteResult atItsEnd() {
    return closing != null ? WriteResult.PENDING : WriteResult.DEAD;
  }

  /** Gives the session free again, and begins the close that has waited for that. */
  private void end() {
    SessionClose begun;
    synchronized (this) {
      busy = false;
      begun = beginClose();
    }
    if (begun != null) {
      run(begun);
    }
  }

  @Override
  public void close(int code, String text) {
    close(new SessionClose(code, text, CloseReason.of(CloseReason.Kind.LOCAL, text)));
  }

  /** Closes because a message exceeded a limit; the text names the limit. */
  void refuse(String text) {
    close(
        new SessionClose(
            CloseCodes.TOO_BIG.getCode(), text, CloseReason.of(CloseReason.Kind.LIMIT, text)));
  }

  private void close(SessionClose asked) {
    SessionClose begun;
    synchronized (this) {
      if (gone || closing != null) {
        return;
      }
      closing = asked;
      begun = beginClose();
      if (begun == null) {
        deadline = home.calls.later(this::abort, writeTimeoutMillis);
      }
    }
    if (begun != null) {
      run(begun);
    }
  }

  /** Guarded by this: the close to run now, or null if there is none or it must wait. */
  private @Nullable SessionClose beginClose() {
    SessionClose next = closing;
    if (next == null || busy || closeBegun) {
      return null;
    }
    closeBegun = true;
    gone = true;
    return next;
  }

  @Override
  public void abort() {
    cutOff(CloseReason.of(CloseReason.Kind.LOCAL, "given up"));
  }

  /** A send or ping has failed; Tomcat leaves such a session open, and no longer reads from it. */
  private void failed(@Nullable Throwable cause) {
    cutOff(CloseReason.of(CloseReason.Kind.NETWORK, "send failed", cause));
  }

  /** Closes without waiting for what is in flight. */
  private void cutOff(CloseReason told) {
    SessionClose begun;
    boolean stuck;
    synchronized (this) {
      gone = true;
      if (closeBegun) {
        return;
      }
      closeBegun = true;
      deadline.cancel();
      stuck = busy;
      begun = closing != null ? closing : new SessionClose(GIVEN_UP, "connection given up", told);
    }
    signals.closed(begun.local);
    run(begun, stuck);
  }

  private void run(SessionClose begun) {
    run(begun, false);
  }

  private void run(SessionClose begun, boolean stuck) {
    boolean accepted =
        home.run(
            () -> {
              begun.run(session, stuck);
              if (stuck) {
                home.cut(); // the close frame waits behind what the peer does not read
              }
              closed(begun.local);
            });
    if (!accepted) { // the servlet is destroyed, and the container closes what is left
      closed(begun.local);
    }
  }

  /** The session is gone, as the container or a close of ours says. Idempotent. */
  void closed(CloseReason reason) {
    CloseReason told = reason;
    synchronized (this) {
      gone = true;
      closeBegun = true;
      deadline.cancel();
      if (closing != null) {
        told = closing.local;
      }
    }
    signals.closed(told);
    home.connections.remove(this);
  }

  /** An error: the container closes the session after it. */
  void lost(@Nullable Throwable cause) {
    awaitClose();
    signals.closed(CloseReason.of(CloseReason.Kind.NETWORK, "connection lost", cause));
  }

  /** The container owes us a close, and if it does not come, we cut the session. */
  private synchronized void awaitClose() {
    gone = true;
    if (!closeBegun) {
      deadline.cancel();
      deadline = home.calls.later(this::abort, CALLBACK_MILLIS);
    }
  }

  /**
   * One send: it ends when both the call has returned and the handler has run, and whichever comes
   * second tells. If that is the call, its result says so; else {@code ready()} does. A handler
   * that is called twice counts once.
   */
  private final class Send implements SendHandler {
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.CALLING);
    private volatile boolean failed;

    Send(int bytes) {
      if (credited != null) {
        credited.sentOtherwise(bytes);
        Tomcat.closeMayWait(session.getUserProperties());
      }
    }

    @Override
    public void onResult(SendResult result) {
      if (!result.isOK()) {
        failed = true;
        failed(result.getException());
      }
      if (stage.compareAndSet(Stage.CALLING, Stage.HANDLED)) {
        return;
      }
      if (stage.compareAndSet(Stage.RETURNED, Stage.HANDLED) && !failed) {
        if (!askElsewhere()) {
          end();
          signals.ready();
        }
      }
    }

    WriteResult returned() {
      if (stage.compareAndSet(Stage.CALLING, Stage.RETURNED)) {
        return WriteResult.PENDING;
      }
      if (failed) {
        return WriteResult.DEAD;
      }
      if (askElsewhere()) {
        return WriteResult.PENDING;
      }
      end();
      return WriteResult.DONE;
    }
  }

  private enum Stage {
    CALLING,
    RETURNED,
    HANDLED
  }
}
