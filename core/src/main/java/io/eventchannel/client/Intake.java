package io.eventchannel.client;

import io.eventchannel.ChannelState;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/**
 * What comes in over the current link and where it goes: what the protocol says to the state, all
 * that the listener shall hear to the inbound queue, in one order. Guarded by the channel's lock;
 * links come here through {@link ChannelEngine#decideFor} alone, so from the current one.
 */
final class Intake {
  private final ChannelEngine engine;
  private final ClientState state;
  private final Positions positions;
  private final SilenceWatch silence;
  private final Delivery delivery;

  // Written under the lock, read by anyone.
  private volatile @Nullable String channelId;

  private boolean lostCount;

  Intake(
      ChannelEngine engine,
      ClientState state,
      Positions positions,
      SilenceWatch silence,
      Delivery delivery) {
    this.engine = engine;
    this.state = state;
    this.positions = positions;
    this.silence = silence;
    this.delivery = delivery;
  }

  /** The channel's ID as the server gave it, or null; any thread may ask. */
  @Nullable String channelId() {
    return channelId;
  }

  void handshakeDone(Link from, ConnectionInfo info) {
    from.handshakeDone(info);
    if (info.recognised()) {
      state.recognised();
    }
    boolean named = named(from, info.channelId());
    // A server of ours whose head did not name the channel says hello first.
    if (!info.recognised() || named) {
      engine.opened(from);
    }
  }

  void heard() {
    state.heard();
    silence.heard();
  }

  void received(Link from, Event event, @Nullable String position) {
    heard();
    boolean hello = from.isFirstEvent() && event.type().equals(ControlData.HELLO);
    if (hello || (state.isRecognised() && event.type().startsWith(FieldRules.CONTROL_PREFIX))) {
      control(from, event, position);
    } else {
      engine.opened(from);
      put(Inbound.event(event, moved(position)));
    }
  }

  void positionMoved(String position) {
    heard();
    putPosition(moved(position));
  }

  /** Adds an entry for the listener; stops the reading if the queue is full with it. */
  void put(Inbound entry) {
    if (delivery.put(entry)) {
      silence.suspend();
      engine.toConnection(Connection::pauseReading);
    }
  }

  private void control(Link from, Event event, @Nullable String position) {
    ControlData data = ControlData.of(event);
    String before = positions.received();
    String moved = moved(position);
    switch (event.type()) {
      case ControlData.HELLO:
        hello(from, data);
        break;
      case ControlData.GAP:
        engine.opened(from);
        put(Inbound.gap(data.gap(before, event.id()), moved));
        return;
      case ControlData.GOODBYE:
        state.goodbye(data.closeCode(), data.text("reason", ""), data.number("delay", -1));
        break;
      default: // a position, or what a later version says
    }
    engine.opened(from);
    putPosition(moved);
  }

  private void hello(Link from, ControlData data) {
    state.recognised();
    from.hello(data);
    named(from, data.text("channel"));
    silence.heartbeat(from.heartbeatMillis());
    if (state.state() == ChannelState.OPEN) {
      silence.look(); // by the new interval
    }
  }

  /** Takes a channel's ID if it is one: it goes back to the server in a header. */
  private boolean named(Link from, @Nullable String id) {
    if (id == null || !FieldRules.isChannelId(id)) {
      return false;
    }
    channelId = id;
    lostCount = false;
    from.named(id);
    return true;
  }

  /** The ID of the server's channel to ask for, or null for a new one. */
  @Nullable String channelToAskFor() {
    return lostCount ? null : channelId;
  }

  /** The server's channel and this one count differently: it is no use any more. */
  void lostCount() {
    lostCount = true;
  }

  private @Nullable String moved(@Nullable String position) {
    if (position == null) {
      return null;
    }
    if (Positions.isTooLong(position)) {
      if (positions.receivedUnusable()) {
        engine.report(new LimitExceededException(Positions.tooLong(position)));
      }
      return null;
    }
    return positions.received(position) ? position : null;
  }

  private void putPosition(@Nullable String moved) {
    if (moved != null) {
      put(Inbound.position(moved));
    }
  }
}
