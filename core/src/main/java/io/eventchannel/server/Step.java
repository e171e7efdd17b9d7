package io.eventchannel.server;

import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import org.jspecify.annotations.Nullable;

/**
 * The next write of a cursor, and where the cursor stands once the outlet took it. Immutable:
 * subscriptions that stand at the same cursor share it, as they share the batch.
 */
final class Step {
  final Batch batch;

  /** From where to look next: an index in the window, or in the page it was read from. */
  final long next;

  /** The position that is safe then; null if the batch is a control event, which moves nothing. */
  final @Nullable Position safe;

  private Step(Batch batch, long next, @Nullable Position safe) {
    this.batch = batch;
    this.next = next;
    this.safe = safe;
  }

  /** Returns the step over events of the feed. */
  static Step over(Batch batch, long next, Position safe) {
    return new Step(batch, next, safe);
  }

  /** Returns the step that tells a control event. */
  static Step telling(Batch batch) {
    return new Step(batch, 0, null);
  }
}
