package io.eventchannel.jakarta;

import io.eventchannel.server.spi.Batch;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends on one session by calls that wait, as far as the {@link WriteCredit} goes, so that they
 * find nothing to wait for.
 *
 * <p>The credit knows of our own frames only. Where a peer has filled the socket with answers to
 * pings of its own, or the container's buffers are set very small, a call waits all the same. Then
 * the servlet's {@link SendWatch} revokes the session's credit, and ends what takes too long.
 *
 * <p>The session's writer calls {@link #covers} and {@link #send}; anybody the rest.
 */
final class CreditedSends {
  private final Session session;
  private final WriteCredit credit;
  private final SendWatch watch;
  private volatile boolean revoked; // for good, by the watch

  CreditedSends(Session session, WriteCredit credit, SendWatch watch) {
    this.session = session;
    this.credit = credit;
    this.watch = watch;
  }

  /** Whether a frame of so many bytes may be sent by {@link #send}. */
  boolean covers(int bytes) {
    return isGranted() && credit.covers(bytes, watch.frameCost());
  }

  private boolean isGranted() {
    return !revoked && watch.allows();
  }

  /**
   * Sends a frame that is covered; when it returns, the session may be written to again.
   *
   * @param batch null to ask the peer for a sign of life, and how far it has read
   */
  void send(@Nullable Batch batch) throws IOException {
    SendWatch.Desk desk = watch.begin(this);
    try {
      RemoteEndpoint.Basic waiting = session.getBasicRemote();
      if (batch != null) {
        if (batch.isBinaryFrame()) {
          waiting.sendBinary(batch.buffer());
        } else {
          waiting.sendText(batch.text());
        }
        credit.spend(batch.size());
      }
      if (batch == null) {
        waiting.sendPing(credit.ask());
      } else if (credit.isProofDue(watch.frameCost())) {
        Tomcat.closeMayWait(session.getUserProperties()); // a send may well cross the peer's
        waiting.sendPing(credit.ask());
      }
    } finally {
      desk.done();
    }
  }

  /** Whether what waits may do so since each of many small frames has taken a packet. */
  boolean hasManyFrames() {
    return credit.hasManyFrames();
  }

  /**
   * Cuts the connection under a send that waits, so that nothing more of it leaves. Waits for a
   * millisecond at most: Tomcat finds the send in the way of its close frame.
   */
  void cut() {
    try {
      Tomcat.closesAtOnce(session.getUserProperties());
      session.close(new CloseReason(CloseCodes.GOING_AWAY, "the connection takes nothing more"));
    } catch (IOException | RuntimeException e) { // closed already, by the peer or an error
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "cutting a session", e);
    }
  }

  /** One was seen to wait: there are to be no more. */
  void revoke() {
    revoked = true;
  }

  /** A frame of so many bytes was sent by a call that does not wait. */
  void sentOtherwise(int bytes) {
    credit.spend(bytes);
  }

  /** Whether it is time to ask the peer how far it has read. */
  boolean isProofDue() {
    return isGranted() && credit.isProofDue(watch.frameCost());
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
