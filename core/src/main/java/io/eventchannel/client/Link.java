package io.eventchannel.client;

import io.eventchannel.Capability;
import io.eventchannel.CloseReason;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.ControlData;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a channel, or the attempt to make one, as the engine sees it: its generation
 * and what it can do. Passes what the transport tells on to the channel, which drops it unless this
 * is its current link.
 */
final class Link implements Attempt.Owner {
  private final ChannelEngine engine;
  private final Intake intake;
  private final long generation;
  private final @Nullable CloseReason told;

  // All guarded by the channel's lock. The connection is null until the transport has returned it,
  // which may be after its first calls.
  @Nullable Connection connection;
  private long heartbeatMillis = -1;
  private boolean beyondFirstEvent;
  private boolean sends;
  private boolean positionWithheld;
  private boolean binary;
  private @Nullable String presented; // the ID of the channel that was asked for
  private @Nullable String given; // that of the channel it belongs to
  private long ack;

  // What becomes of the connection if the link is given up before the transport has returned it.
  private Consumer<Connection> ending = Connection::cancel;

  /**
   * Creates one.
   *
   * @param told what a provider of credentials is told of the connection before
   */
  Link(ChannelEngine engine, Intake intake, long generation, @Nullable CloseReason told) {
    this.engine = engine;
    this.intake = intake;
    this.generation = generation;
    this.told = told;
  }

  long generation() {
    return generation;
  }

  // ---- what is known of it; the channel's lock is held ----

  /**
   * The channel gives it up. One that works gets a proper end, with the code that the application
   * gave if it did, and one that says that the channel goes on if it did not; one that does not
   * work is cut.
   */
  void giveUp(CloseReason reason) {
    if (reason.kind() == CloseReason.Kind.LOCAL) {
      int code = reason.code() < 0 ? CloseRules.GOING_AWAY : reason.code();
      String text = reason.code() < 0 ? "" : reason.text();
      ending = given -> given.close(code, text);
    }
  }

  /** How its connection ends, now that the link is given up. */
  Consumer<Connection> ending() {
    return ending;
  }

  void handshakeDone(ConnectionInfo info) {
    heartbeatMillis = info.heartbeatMillis();
    sends = info.sends();
    binary = info.carriesBinary();
    positionWithheld = info.isPositionWithheld();
    ack = Math.max(0, info.acknowledged());
  }

  void hello(ControlData data) {
    heartbeatMillis = data.number("heartbeat", heartbeatMillis);
    binary = data.flag("binary", binary);
    ack = Math.max(ack, data.number("ack", 0));
    sends = true;
  }

  /** The server has named the channel that it belongs to; the first name counts. */
  void named(String id) {
    if (given == null) {
      given = id;
    }
  }

  /** Whether it belongs to the channel that was asked for, and not to a new one. */
  boolean isAttached() {
    return given != null && given.equals(presented); // a server adopts no ID (protocol rule H-6)
  }

  /** The number up to which the server has decided all, as it said when this link opened. */
  long ack() {
    return ack;
  }

  /** Whether the server does not know where the channel stands, though that has a position. */
  boolean isPositionWithheld() {
    return positionWithheld;
  }

  /** Whether this is the first event of the connection; true once. */
  boolean isFirstEvent() {
    boolean first = !beyondFirstEvent;
    beyondFirstEvent = true;
    return first;
  }

  /** The server's heartbeat interval; -1 if it did not say. */
  long heartbeatMillis() {
    return heartbeatMillis;
  }

  boolean supports(Capability capability) {
    return sends && (capability == Capability.SEND || (capability == Capability.BINARY && binary));
  }

  /** Why an event of the outbox cannot travel over this connection; null if it can. */
  @Nullable RuntimeException whyNotSend(Outbox.Entry entry) {
    if (entry.isRepeated()) { // a server of ours reads bytes again that it was sent before
      return sends
          ? null
          : new DeliveryUnknownException(
              "the connection was lost before the peer took the event, and the next goes one way");
    }
    String missing = whyNotSend(entry.event());
    return missing == null ? null : new UnsupportedOperationException(missing);
  }

  /** Why this event cannot travel over this connection; null if it can. */
  @Nullable String whyNotSend(Event event) {
    if (!sends) {
      return "send: the connection goes one way only";
    }
    return event.isBinary() && !binary ? "send: the connection carries no binary events" : null;
  }

  // ---- what the attempt asks and tells; the lock is not held ----

  @Override
  public void authorised(Credentials credentials) {
    engine.authorised(this, credentials, told);
  }

  @Override
  public @Nullable ConnectRequest describe(List<Map.Entry<String, String>> headers) {
    return engine.describe(this, headers);
  }

  /** The channel that the connection asks for; the channel's lock is held. */
  @Nullable String presents(@Nullable String id) {
    presented = id;
    return id;
  }

  @Override
  public void connecting(Connection made) {
    engine.connecting(this, made);
  }

  // ---- what the transport tells; the lock is not held ----

  @Override
  public void onOpen(ConnectionInfo info) {
    engine.decideFor(this, () -> intake.handshakeDone(this, info));
  }

  @Override
  public void onActivity() {
    engine.decideFor(this, intake::heard);
  }

  @Override
  public void onEvent(Event event, @Nullable String position) {
    engine.decideFor(this, () -> intake.received(this, event, position));
  }

  @Override
  public void onPosition(String position) {
    engine.decideFor(this, () -> intake.positionMoved(position));
  }

  @Override
  public void onRetryHint(long millis) {
    engine.decideFor(this, () -> engine.retryHint(millis));
  }

  @Override
  public void onAcknowledged(long seq) {
    engine.decideFor(this, () -> engine.acknowledged(seq));
  }

  @Override
  public void onRefused(long seq, String reason) {
    engine.decideFor(this, () -> engine.refused(seq, reason));
  }

  @Override
  public void onClosed(ConnectionEnd end) {
    engine.decideFor(this, () -> engine.lose(end));
  }
}
