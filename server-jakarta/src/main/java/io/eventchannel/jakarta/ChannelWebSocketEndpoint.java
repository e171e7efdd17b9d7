package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The container's end of one session: takes up its admission and passes on what comes in. */
final class ChannelWebSocketEndpoint extends Endpoint implements MessageHandler.Whole<PongMessage> {
  // Messages are taken in parts, so the container's own buffers need not hold a whole one.
  private static final int PART_BYTES = 1024;

  private static final LongSupplier TOKENS = new SecureRandom()::nextLong;

  private @Nullable WebSocketUpgrade upgrade; // until the session opens

  // Written in onOpen, before anything comes in.
  private volatile @Nullable WebSocketOutlet outlet;
  private int maxBytes;

  // Of the reading thread, and made with the first message, since most clients send none.
  private @Nullable MessageAssembler assembler;

  /** Creates the endpoint of the session that comes of an upgrade. */
  ChannelWebSocketEndpoint(WebSocketUpgrade upgrade) {
    this.upgrade = upgrade;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    WebSocketUpgrade upgrade = Objects.requireNonNull(this.upgrade, "opened twice");
    this.upgrade = null;
    if (!upgrade.take()) {
      closeLate(session);
      return;
    }
    session.setMaxIdleTimeout(0); // quiet is no fault: the engine's heartbeat finds dead peers
    if (!upgrade.home.isOwn()) { // Undertow takes them for the limit of a whole message
      session.setMaxTextMessageBufferSize(PART_BYTES);
      session.setMaxBinaryMessageBufferSize(PART_BYTES);
    }
    WebSocketOutlet opened = new WebSocketOutlet(session, upgrade, creditedSends(session, upgrade));
    maxBytes = upgrade.admission.maxUpstreamBytes();
    outlet = opened; // behind it, so that who sees the one sees the other
    session.addMessageHandler(
        String.class,
        (MessageHandler.Partial<String>)
            (part, last) -> received(opened(), assembler().text(part, last)));
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Partial<ByteBuffer>)
            (part, last) -> received(opened(), assembler().binary(part, last)));
    session.addMessageHandler(PongMessage.class, this);
    opened.signals.bind(upgrade.admission.open(opened));
  }

  @Override
  public void onMessage(PongMessage pong) {
    opened().pong(pong.getApplicationData());
  }

  private WebSocketOutlet opened() {
    return Objects.requireNonNull(outlet);
  }

  /** On the session's reading thread. */
  private MessageAssembler assembler() {
    MessageAssembler here = assembler;
    if (here == null) {
      assembler = here = new MessageAssembler(maxBytes);
    }
    return here;
  }

  private static @Nullable CreditedSends creditedSends(Session session, WebSocketUpgrade upgrade) {
    return Tomcat.made(session)
        ? new CreditedSends(session, new WriteCredit(TOKENS), upgrade.home.watch)
        : null;
  }

  private void received(WebSocketOutlet opened, byte @Nullable [] message) {
    if (message != null) {
      opened.signals.received(message);
    } else if (assembler().isOverLimit()) {
      opened.refuse("message over the limit of " + maxBytes + " bytes");
    }
  }

  @Override
  public void onClose(Session session, jakarta.websocket.CloseReason reason) {
    WebSocketOutlet closed = outlet;
    if (closed != null) {
      int code = reason.getCloseCode().getCode();
      String text = reason.getReasonPhrase() == null ? "" : reason.getReasonPhrase();
      closed.closed(
          code == CloseCodes.CLOSED_ABNORMALLY.getCode()
              ? CloseReason.of(CloseReason.Kind.NETWORK, "connection lost")
              : CloseReason.closeCode(code, text));
    }
  }

  @Override
  public void onError(Session session, Throwable cause) {
    ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "error of a session", cause);
    WebSocketOutlet failed = outlet;
    if (failed != null) {
      failed.lost(cause);
    }
  }

  /** Closes a session that opens though its upgrade was said to have failed. */
  private static void closeLate(Session session) {
    try {
      session.close(
          new jakarta.websocket.CloseReason(CloseCodes.TRY_AGAIN_LATER, "upgrade failed"));
    } catch (IOException e) {
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "closing a session", e);
    }
  }
}
