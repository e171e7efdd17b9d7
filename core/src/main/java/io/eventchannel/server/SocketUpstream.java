package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.ControlEvents;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Upstream events over WebSocket: what a message brings, and how its client hears what became of
 * it, which is over the connection that the channel has by then. Has no state but its channel's, so
 * thread-safe.
 */
final class SocketUpstream implements Uplink.Decisions {
  private final ServerChannel channel;

  SocketUpstream(ServerChannel channel) {
    this.channel = channel;
  }

  /** Takes a message in; on the container's thread. */
  void take(Subscription over, byte[] frame) {
    Uplink uplink = channel.uplink();
    if (uplink.isBroken()) {
      // From a peer that broke the rules nothing is read (RFC 6455, section 7.1.7), nor from one
      // that may send no more.
      return;
    }
    Uplink.Outcome outcome = uplink.take(frame, this, true);
    decided(uplink.ack());
    if (outcome.repeated > 0 && outcome.waits) {
      uplink.repeats().overSocket(outcome.repeated, () -> decided(uplink.ack()));
    }
    if (outcome.hole > 0) {
      channel.fail(over, CloseRules.SEQUENCE_HOLE, "sequence hole: expected " + outcome.hole);
    } else if (outcome.broken instanceof LimitExceededException) {
      channel.fail(over, 1009, outcome.broken.getMessage());
    } else if (outcome.broken != null) {
      channel.fail(over, 1007, outcome.broken.getMessage());
    } else if (!outcome.waits) {
      over.wake();
    }
  }

  /** Told with the acknowledgement that covers it. */
  @Override
  public void refused(Uplink.Refusal refusal) {}

  @Override
  public void decided(long ack) {
    Subscription to = answered();
    if (to == null) {
      return;
    }
    if (to.controls().ack(ack, this::refusals)) {
      to.wake();
    } else if (!to.hasEnded()) { // it sends without reading the answers
      to.condemn(CloseReason.of(CloseReason.Kind.LIMIT, "unread refusals exceed the reserve"));
    }
  }

  private List<Event> refusals(long from, long to) {
    List<Event> events = new ArrayList<>(0);
    for (Uplink.Refusal refusal : channel.uplink().refusals(from, to)) {
      events.add(ControlEvents.refused(refusal.seq, refusal.reason));
    }
    return events;
  }

  /** The connection over which the client hears what became of its events, unless it asks. */
  private @Nullable Subscription answered() {
    Subscription current = channel.connection();
    return current == null || current.format().isSse() ? null : current;
  }
}
