package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has to say beside the feed: control events and direct sends, in the order they
 * were added. Two bounds in bytes, so that neither can starve the other: one for direct sends,
 * which fail at once when it is full, and a reserve for control events. Acknowledgements need no
 * room, since a later one covers an earlier one.
 *
 * <p>Any thread adds; the subscription's owner takes. The lock is held for moves of references
 * only.
 */
final class ControlQueue {
  /** Told what became of a direct send, exactly once, on the thread that took or closed. */
  interface DirectSend {
    /** The outlet took it. */
    void handed();

    /** The connection ended before. */
    void lost();
  }

  /** One write. */
  static final class Write {
    final Batch batch;
    final List<DirectSend> sends;

    Write(Batch batch, List<DirectSend> sends) {
      this.batch = batch;
      this.sends = sends;
    }
  }

  private static final class Item {
    final byte[] bytes;
    final boolean binary;
    final @Nullable DirectSend send;
    @Nullable Item next;

    Item(byte[] bytes, boolean binary, @Nullable DirectSend send) {
      this.bytes = bytes;
      this.binary = binary;
      this.send = send;
    }
  }

  // Several small ones go together, as much as any container takes as one.
  private static final int MAX_WRITE_BYTES = 8_000;

  /** Room for what the protocol itself has to say: as many refusals as may be due at once. */
  static final int CONTROL_BYTES = 320 * 1024;

  private final WireFormat format;
  private final boolean oneByOne;
  private final int maxDirectBytes;

  // Guarded by this. The items are linked, since nearly all connections have none nearly always.
  private @Nullable Item first;
  private @Nullable Item last;
  private int directBytes;
  private int controlBytes;
  private long ack;
  private boolean ackDue;
  private volatile boolean sealed; // written under the lock
  private boolean closed;

  ControlQueue(WireFormat format, boolean oneByOne, int maxDirectBytes) {
    this.format = format;
    this.oneByOne = oneByOne;
    this.maxDirectBytes = maxDirectBytes;
  }

  /** Adds a control event; false if the reserve is used up or the queue is closed. */
  boolean offer(Event event) {
    return offer(new EncodedEvent(event).bytes(format));
  }

  /** Adds bytes of the protocol that are no event. */
  synchronized boolean offer(byte[] bytes) {
    if (closed || controlBytes + bytes.length > CONTROL_BYTES) {
      return false;
    }
    controlBytes += bytes.length;
    add(new Item(bytes, false, null));
    return true;
  }

  /** Adds a direct send; false if there is no room for it now. */
  boolean offerDirect(byte[] bytes, boolean binary, DirectSend send) {
    synchronized (this) {
      if (!closed && !sealed) {
        if (directBytes + bytes.length > maxDirectBytes) {
          return false;
        }
        directBytes += bytes.length;
        add(new Item(bytes, binary, send));
        return true;
      }
    }
    send.lost();
    return true;
  }

  /** Guarded by this. */
  private void add(Item item) {
    if (last == null) {
      first = item;
    } else {
      last.next = item;
    }
    last = item;
  }

  /** Guarded by this. */
  private void remove(Item oldest) {
    first = oldest.next;
    if (first == null) {
      last = null;
    }
  }

  /** Whether an end of the connection was asked for. */
  boolean isSealed() {
    return sealed;
  }

  /** The client knows that everything up to this number is decided; before anything else. */
  synchronized void acknowledgedBefore(long seq) {
    ack = seq;
  }

  /**
   * Everything up to this number is decided. What was refused behind the number before goes first,
   * so that no acknowledgement covers a refusal that this connection was not told.
   *
   * @param refusals those of the numbers from one to another, both included; called under the
   *     monitor of this queue
   * @return false if there is no room for the refusals
   */
  synchronized boolean ack(long seq, BiFunction<Long, Long, List<Event>> refusals) {
    if (seq <= ack) {
      return true;
    }
    for (Event refusal : refusals.apply(ack + 1, seq)) {
      if (!offer(refusal)) {
        return false;
      }
    }
    ack = seq;
    ackDue = true;
    return true;
  }

  /** Returns the next write, or null if there is nothing to say. An ack follows all refusals. */
  synchronized @Nullable Write take() {
    if (first == null && !ackDue) {
      return null; // nearly always: without anything made for it
    }
    BatchBuilder builder = new BatchBuilder(format, oneByOne, MAX_WRITE_BYTES);
    List<DirectSend> sends = Collections.emptyList();
    for (Item item = first; item != null; item = first) {
      if (builder.offer(item.bytes, item.binary) != BatchBuilder.Offer.ADDED) {
        return new Write(builder.build(), sends);
      }
      remove(item);
      if (item.send == null) {
        controlBytes -= item.bytes.length;
      } else {
        directBytes -= item.bytes.length;
        sends = sends.isEmpty() ? new ArrayList<>(1) : sends;
        sends.add(item.send);
      }
    }
    if (ackDue) {
      byte[] bytes = new EncodedEvent(ControlEvents.ack(ack)).bytes(format);
      if (builder.offer(bytes, false) == BatchBuilder.Offer.ADDED) {
        ackDue = false;
      }
    }
    return builder.isEmpty() ? null : new Write(builder.build(), sends);
  }

  /** Takes no more direct sends: those that come now would follow the last words. */
  synchronized void seal() {
    sealed = true;
  }

  /** Drops everything; the direct sends are lost. Idempotent. */
  void close() {
    List<DirectSend> lost = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (Item item = first; item != null; item = item.next) {
        if (item.send != null) {
          lost.add(item.send);
        }
      }
      first = null;
      last = null;
    }
    for (DirectSend send : lost) {
      send.lost();
    }
  }
}
