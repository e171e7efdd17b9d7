package io.eventchannel.jakarta;

import io.eventchannel.server.spi.Batch;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sends on one session by calls that wait, as far as the {@link WriteCredit} goes, so that they
 * find nothing to wait for.
 *
 * <p>The credit knows of our own frames only. Where a peer has filled the socket with answers to
 * pings of its own, or the container's buffers are set very small, a call waits all the same: then
 * the session gets no more credit, and the servlet's {@link CircuitBreaker} is told.
 *
 * <p>The session's writer calls {@link #covers} and {@link #send}; anybody the rest.
 */
final class CreditedSends {
  // More than a garbage collection or a busy machine takes from a thread as a rule.
  private static final long TOLERATED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Session session;
  private final WriteCredit credit;
  private final CircuitBreaker breaker;
  private volatile boolean revoked; // by the writer, for good

  CreditedSends(Session session, WriteCredit credit, CircuitBreaker breaker) {
    this.session = session;
    this.credit = credit;
    this.breaker = breaker;
  }

  /** Whether a frame of so many bytes may be sent by {@link #send}. */
  boolean covers(int bytes) {
    return isGranted() && credit.covers(bytes);
  }

  private boolean isGranted() {
    return !revoked && breaker.isClosed();
  }

  /** Sends a frame that is covered; when it returns, the session may be written to again. */
  void send(Batch batch) throws IOException {
    Map<String, Object> properties = session.getUserProperties();
    Tomcat.beHasty(properties);
    long began = breaker.nanoTime();
    try {
      RemoteEndpoint.Basic waiting = session.getBasicRemote();
      if (batch.isBinaryFrame()) {
        waiting.sendBinary(batch.buffer());
      } else {
        waiting.sendText(batch.text());
      }
      credit.spend(batch.size());
      if (credit.isProofDue()) {
        waiting.sendPing(credit.ask());
      }
    } finally {
      Tomcat.bePatient(properties);
      judge(breaker.nanoTime() - began);
    }
  }

  private void judge(long waited) {
    if (waited < TOLERATED_NANOS) {
      return;
    }
    revoked = true;
    if (breaker.waited(waited)) {
      ChannelServlet.LOG.log(
          System.Logger.Level.WARNING,
          "peers that do not read what they make the container send have held up others for a"
              + " second: for the next minute all frames are sent by calls that do not wait");
    }
  }

  /** A frame of so many bytes was sent by a call that does not wait. */
  void sentOtherwise(int bytes) {
    credit.spend(bytes);
  }

  /** Whether it is time to ask the peer how far it has read. */
  boolean isProofDue() {
    return isGranted() && credit.isProofDue();
  }

  /** Returns what a ping has to carry that asks. */
  ByteBuffer ask() {
    return credit.ask();
  }

  /** A pong came, be it the answer or not. */
  void answered(ByteBuffer payload) {
    credit.answered(payload);
  }
}
