package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Something for the listener, with the position that holds once it is handled. Immutable. */
final class Inbound {
  /** One call of the listener. */
  private interface Call {
    void on(EventChannelListener listener, EventChannel channel);
  }

  // What an object of this kind costs beside its payload: this, its call, its place in the queue.
  private static final int OVERHEAD = 64;

  private final Call call;
  private final @Nullable String position;
  private final int weight;
  private final boolean terminal;

  private Inbound(Call call, @Nullable String position, long weight, boolean terminal) {
    this.call = call;
    this.position = position;
    this.weight = (int) Math.min(Integer.MAX_VALUE, weight + OVERHEAD);
    this.terminal = terminal;
  }

  static Inbound event(Event event, @Nullable String position) {
    return new Inbound((l, c) -> l.onEvent(c, event), position, event.weight(), false);
  }

  static Inbound gap(Gap gap, @Nullable String position) {
    return new Inbound((l, c) -> l.onGap(c, gap), position, length(position), false);
  }

  /** A position that moved without anything to tell. */
  static Inbound position(String position) {
    return new Inbound((l, c) -> {}, position, length(position), false);
  }

  static Inbound opened() {
    return new Inbound((l, c) -> l.onOpen(c), null, 0, false);
  }

  static Inbound lost(CloseReason reason, Duration retryDelay) {
    return new Inbound(
        (l, c) -> l.onConnectionLost(c, reason, retryDelay), null, length(reason.text()), false);
  }

  static Inbound closed(CloseReason reason) {
    return new Inbound((l, c) -> l.onClosed(c, reason), null, 0, true);
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : 2L * text.length();
  }

  void tell(EventChannelListener listener, EventChannel channel) {
    call.on(listener, channel);
  }

  /** What the position becomes; the empty string takes it back, null leaves it. */
  @Nullable String position() {
    return position;
  }

  int weight() {
    return weight;
  }

  /** Whether this is the last call. */
  boolean isTerminal() {
    return terminal;
  }
}
