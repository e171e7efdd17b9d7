package io.eventchannel.server;

import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import java.util.ArrayList;
import java.util.List;

/** Collects whole events, in order, into what one write carries. Not thread-safe. */
final class BatchBuilder {
  /** What became of an offered event. */
  enum Offer {
    ADDED,
    /** It belongs into the next batch. */
    FULL,
    /** It cannot travel in this form at all; told only while the batch is empty. */
    UNFIT
  }

  static final int MAX_EVENTS = 256;

  private final WireFormat format;
  private final boolean oneByOne;
  private final int maxBytes;
  private final List<byte[]> parts = new ArrayList<>();
  private int bytes;
  private int ofFeed;
  private boolean binary;

  /**
   * Creates an empty one.
   *
   * @param oneByOne whether a batch is one event: the peer reads a frame as one envelope
   * @param maxBytes of several events together
   */
  BatchBuilder(WireFormat format, boolean oneByOne, int maxBytes) {
    this.format = format;
    this.oneByOne = oneByOne;
    this.maxBytes = maxBytes;
  }

  /** Creates an empty one for what that subscription reads. */
  static BatchBuilder of(BatchCache.Reading reading) {
    return new BatchBuilder(reading.format, reading.oneByOne, reading.batchBytes);
  }

  /** Returns the batch of one event that is encoded already and goes alone. */
  static Batch alone(WireFormat format, byte[] encoded) {
    BatchBuilder one = new BatchBuilder(format, true, encoded.length);
    one.offer(encoded, false);
    return one.build();
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  int events() {
    return parts.size();
  }

  Offer offer(EncodedEvent event) {
    boolean isBinary = event.event().isBinary();
    if (isBinary && !format.carriesBinary()) {
      return isEmpty() ? Offer.UNFIT : Offer.FULL;
    }
    if (mustEndBefore(isBinary)) {
      return Offer.FULL;
    }
    byte[] encoded;
    try {
      encoded = event.bytes(format);
    } catch (IllegalArgumentException e) {
      // Somebody else wrote this into the log with a field that may not leave the process.
      return isEmpty() ? Offer.UNFIT : Offer.FULL;
    }
    Offer answer = offer(encoded, isBinary);
    if (answer == Offer.ADDED) {
      ofFeed++;
    }
    return answer;
  }

  /** Adds what is said beside the feed, encoded already; never {@code UNFIT}. */
  Offer offer(byte[] encoded, boolean isBinary) {
    if (mustEndBefore(isBinary) || (!isEmpty() && bytes + encoded.length > maxBytes)) {
      return Offer.FULL;
    }
    parts.add(encoded);
    bytes += encoded.length;
    binary = isBinary;
    return Offer.ADDED;
  }

  /**
   * Text frames and binary frames do not mix; binary frames of a JSON connection hold one event.
   */
  private boolean mustEndBefore(boolean isBinary) {
    if (isEmpty()) {
      return false;
    }
    return oneByOne
        || parts.size() >= MAX_EVENTS
        || (format == WireFormat.JSON && (binary || isBinary));
  }

  /** Returns the batch; a single event shares its bytes, more are copied together once. */
  Batch build() {
    byte[] all;
    if (parts.size() == 1) {
      all = parts.get(0);
    } else {
      all = new byte[bytes];
      int at = 0;
      for (byte[] part : parts) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
    }
    return new Batch(
        format, all, format == WireFormat.BYTES || (format == WireFormat.JSON && binary), ofFeed);
  }
}
