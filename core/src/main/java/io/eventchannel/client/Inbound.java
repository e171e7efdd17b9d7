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
  /** What kind of thing. */
  enum Kind {
    EVENT,
    GAP,
    /** A position that moved without anything to tell, or a change of the connection. */
    OTHER,
    /** The last call. */
    TERMINAL
  }

  /** One call of the listener. */
  private interface Call {
    void on(EventChannelListener listener, EventChannel channel);
  }

  // What an object of this kind costs beside its payload: this, its call, its place in the queue.
  private static final int OVERHEAD = 64;

  private final Kind kind;
  private final Call call;
  private final @Nullable String id;
  private final @Nullable String position;
  private final int weight;

  private Inbound(
      Kind kind, Call call, @Nullable String id, @Nullable String position, long weight) {
    this.kind = kind;
    this.call = call;
    this.id = id;
    this.position = position;
    this.weight = (int) Math.min(Integer.MAX_VALUE, weight + OVERHEAD);
  }

  private static Inbound other(Call call, @Nullable String position, long weight) {
    return new Inbound(Kind.OTHER, call, null, position, weight);
  }

  static Inbound event(Event event, @Nullable String position) {
    return new Inbound(
        Kind.EVENT, (l, c) -> l.onEvent(c, event), event.id(), position, event.weight());
  }

  static Inbound gap(Gap gap, @Nullable String position) {
    return new Inbound(
        Kind.GAP, (l, c) -> l.onGap(c, gap), gap.resumedAt(), position, length(position));
  }

  /** A position that moved without anything to tell. */
  static Inbound position(String position) {
    return other((l, c) -> {}, position, length(position));
  }

  static Inbound opened() {
    return other((l, c) -> l.onOpen(c), null, 0);
  }

  static Inbound lost(CloseReason reason, Duration retryDelay) {
    return other((l, c) -> l.onConnectionLost(c, reason, retryDelay), null, length(reason.text()));
  }

  static Inbound closed(CloseReason reason) {
    return new Inbound(Kind.TERMINAL, (l, c) -> l.onClosed(c, reason), null, null, 0);
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : 2L * text.length();
  }

  void tell(EventChannelListener listener, EventChannel channel) {
    call.on(listener, channel);
  }

  Kind kind() {
    return kind;
  }

  /** The ID by which the application can commit an event or a gap, or null. */
  @Nullable String id() {
    return id;
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
    return kind == Kind.TERMINAL;
  }
}
