package io.eventchannel.server;

import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Batch;
import org.jspecify.annotations.Nullable;

/**
 * What a connection writes next: first what it has to say beside the feed, then, if its end was
 * asked for, the last words and the end; else the heartbeat if one is due, and then the feed.
 *
 * <p>Used by the subscription's owner, but for {@link #beat}.
 */
final class WriteOrder {
  /** What {@link #next} did. */
  enum Result {
    WROTE,
    /** There is nothing to write now, or the end has begun. */
    NOTHING,
    DEAD
  }

  private final OutletGate outlet;
  private final ControlQueue controls;
  private final Cursor cursor;
  private final WireFormat format;

  // Set by the timer, before it wakes the owner.
  private volatile boolean beatDue;
  private volatile boolean lagDue;

  // The owner's.
  private boolean pingDue;
  private boolean lastSaid;

  WriteOrder(OutletGate outlet, ControlQueue controls, Cursor cursor, WireFormat format) {
    this.outlet = outlet;
    this.controls = controls;
    this.cursor = cursor;
    this.format = format;
  }

  /** What the connection has to say beside the feed. */
  ControlQueue controls() {
    return controls;
  }

  /** A heartbeat is due; from any thread. */
  void beat() {
    lagDue = true;
    beatDue = true;
  }

  /**
   * Makes the next write; the outlet is writable.
   *
   * @param asked the end that was asked for, or null
   */
  Result next(@Nullable Ending asked, BatchCache cache) {
    ControlQueue.Write said = lastSaid ? null : controls.take();
    if (said != null) {
      return say(said);
    }
    if (asked != null) {
      return end(asked);
    }
    if (beatDue) {
      beatDue = false;
      pingDue = true;
      Batch beat = heartbeat(cache);
      tellLag(); // now that the cursor has moved as far as it can
      if (beat != null) {
        return of(outlet.write(beat));
      }
    }
    if (pingDue) {
      pingDue = false;
      if (!format.isSse()) {
        return of(outlet.ping());
      }
    }
    Step step = cursor.next(cache);
    if (step == null || (asked == null && controls.isSealed())) {
      // In the second case the end was asked for since we looked, and what was found may have come
      // behind that. Nothing has moved, and another turn is on its way.
      return Result.NOTHING;
    }
    if (!outlet.write(step.batch)) {
      return Result.DEAD;
    }
    cursor.written(step);
    return Result.WROTE;
  }

  /** Tells how far the connection is behind, once for each heartbeat. */
  void tellLag() {
    if (lagDue) {
      lagDue = false;
      cursor.tellLag();
    }
  }

  private static Result of(boolean took) {
    return took ? Result.WROTE : Result.DEAD;
  }

  private Result say(ControlQueue.Write said) {
    boolean handed = false;
    try {
      handed = outlet.write(said.batch);
    } finally {
      for (ControlQueue.DirectSend send : said.sends) {
        if (handed) {
          send.handed();
        } else {
          send.lost();
        }
      }
    }
    return of(handed);
  }

  private Result end(Ending asked) {
    if (!lastSaid && asked.last.length > 0) {
      lastSaid = true;
      return of(outlet.write(alone(asked.last)));
    }
    return outlet.close(asked.code, asked.text) ? Result.NOTHING : Result.DEAD;
  }

  private @Nullable Batch heartbeat(BatchCache cache) {
    Position safe = cursor.safePosition(cache);
    if (safe == null) {
      return format.isSse() ? new Batch(format, SseEncoder.comment(""), false) : null;
    }
    return alone(new EncodedEvent(ControlEvents.position(safe.id())).bytes(format));
  }

  private Batch alone(byte[] bytes) {
    return BatchBuilder.alone(format, bytes);
  }
}
