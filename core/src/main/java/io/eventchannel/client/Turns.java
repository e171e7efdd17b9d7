package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of a channel that is read by asking: a turn of {@link Delivery}, which is one
 * call, waits here until somebody runs it, and leaves here what it told. Until then nothing is
 * taken from the inbound queue, so a reader that stays away stops the socket.
 *
 * <p>Whoever runs turns does so one thread at a time, each happening before the next; that is up to
 * the readers, {@link EventIterator} and {@link FlowEvents}. The last turn must be run by somebody
 * even when nobody reads any more: it takes the channel out of its client.
 */
final class Turns implements Executor, EventChannelListener {
  private final Runnable wake;

  // Written by the channel, one turn at a time, and by whoever runs it.
  private volatile @Nullable Runnable due;
  // Written by whoever closes the channel on this side, then by nobody.
  private volatile boolean closed;

  // All touched by whoever runs turns.
  private boolean handled;
  private @Nullable Event event;
  private @Nullable Gap gap;
  private @Nullable CloseReason end;

  /**
   * Creates an empty one.
   *
   * @param wake called when a turn is due and when the channel was closed by this side, on any
   *     thread, without a lock; must not block
   */
  Turns(Runnable wake) {
    this.wake = wake;
  }

  @Override
  public void execute(Runnable turn) {
    due = turn;
    wake.run();
  }

  /** This side has closed the channel: of what was not told by now, only the end will be. */
  void closed() {
    if (!closed) {
      closed = true;
      wake.run();
    }
  }

  boolean isClosed() {
    return closed;
  }

  boolean isDue() {
    return due != null;
  }

  /**
   * Runs the turn that is due, if there is one. What it tells must be taken before the next.
   *
   * @param handledBefore whether what the turn before told is handled by now
   * @return whether there was one
   */
  boolean run(boolean handledBefore) {
    Runnable turn = due;
    if (turn == null) {
      return false;
    }
    due = null;
    handled = handledBefore;
    turn.run();
    return true;
  }

  /** Whether what the turn before told is handled; asked by the turn that runs. */
  boolean isHandled() {
    return handled;
  }

  /** Whether something was told and not taken. */
  boolean isHolding() {
    return event != null || gap != null;
  }

  boolean hasEvent() {
    return event != null;
  }

  /** Takes the event that was told, or null. */
  @Nullable Event takeEvent() {
    Event taken = event;
    event = null;
    return taken;
  }

  /** Takes the gap that was told, or null. */
  @Nullable Gap takeGap() {
    Gap taken = gap;
    gap = null;
    return taken;
  }

  /** Why the channel ended, or null while it has not told so. */
  @Nullable CloseReason end() {
    return end;
  }

  /**
   * Whether an end is one that a reader waits for: this side closed the channel, or the server said
   * that there is no more (204, or code 1000 in a close frame or a goodbye), or the answer to a
   * POST is complete.
   */
  static boolean isOrderly(CloseReason reason) {
    switch (reason.kind()) {
      case LOCAL:
      case END_OF_STREAM: // which ends a channel only where its request is not to be repeated
        return true;
      case HTTP_STATUS:
        return reason.code() == 204;
      case CLOSE_CODE:
        return reason.code() == 1000;
      default:
        return false;
    }
  }

  @Override
  public void onEvent(EventChannel channel, Event told) {
    event = told;
  }

  @Override
  public void onGap(EventChannel channel, Gap told) {
    gap = told;
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    end = reason;
  }
}
