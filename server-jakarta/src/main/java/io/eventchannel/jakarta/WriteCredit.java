package io.eventchannel.jakarta;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/**
 * How much may be written to a session by a call that waits for its socket, so that the call never
 * has to wait: no more than a send buffer holds of which nothing has arrived. What a peer has
 * received is known from its pongs, as it reads in the order in which we write (RFC 6455, section
 * 5.5.3, lets it answer the newest ping alone: so every ping of a session asks, and the newest
 * question counts). What a ping carries cannot be guessed, so a pong that carries it was sent after
 * the ping was read.
 *
 * <p>How many small frames a buffer holds differs, so what a frame takes beside its bytes is said
 * by whoever asks, {@link #FRAME_COST} or {@link #PACKET_COST}, for all that was written before,
 * too.
 *
 * <p>All state is guarded by this: the writer spends, and whichever thread reads the pong gives
 * back.
 */
final class WriteCredit {
  // With the cost of a frame it is a little less than Linux takes before the first acknowledgement:
  // 73 frames of 500 bytes or 11 of 4,000, say, on an Ethernet or through a tunnel. Other systems
  // take 64 KiB or more. An application can ask its container for less.
  private static final int LIMIT = 40 * 1024;

  /**
   * What a frame takes beside its bytes, as long as the frames behind the congestion window share
   * packets: the header, and that of a TLS record.
   */
  static final int FRAME_COST = 64;

  /**
   * What it takes if each has a packet of its own: some 820 bytes of Linux's book-keeping. It comes
   * to that with BBR, whose window grows wide while the send buffer stays as it is, and where many
   * frames are on their way at once: then there is room for no more than 44 or 66 frames of 228
   * bytes.
   */
  static final int PACKET_COST = 1024;

  // The rest is for what is written while the answer is on its way.
  private static final int PROOF_AFTER = 30 * 1024;

  private static final int NOTHING = -1;

  // More is not told apart. Who has not been asked, or has not answered, for so much gets no credit
  // any more.
  private static final int MUCH = 1 << 30;

  private final LongSupplier tokens;
  private int bytes; // what was written since what the peer has read for certain
  private int frames;
  private int asked = NOTHING; // the part of it that the peer was asked about
  private int askedFrames;
  private long token; // what the ping carried that asked

  /**
   * Creates the credit of a session that nothing was written to.
   *
   * @param tokens numbers that the peer cannot guess
   */
  WriteCredit(LongSupplier tokens) {
    this.tokens = tokens;
  }

  /** Whether a frame of so many bytes finds room, whatever became of those before it. */
  synchronized boolean covers(int frame, int frameCost) {
    return cost(frameCost) + frame + frameCost <= LIMIT;
  }

  /** Whether so many frames are out that they would not fit with a packet for each. */
  synchronized boolean hasManyFrames() {
    return cost(PACKET_COST) > LIMIT;
  }

  /** A frame was written, by whichever call. */
  synchronized void spend(int frame) {
    bytes = (int) Math.min(MUCH, (long) bytes + frame);
    frames = Math.min(MUCH, frames + 1);
  }

  /** Whether it is time to ask the peer, which has no question to answer. */
  synchronized boolean isProofDue(int frameCost) {
    return asked == NOTHING && cost(frameCost) >= PROOF_AFTER;
  }

  /** Guarded by this. */
  private long cost(int frameCost) {
    return bytes + (long) frames * frameCost;
  }

  /** Returns what a ping has to carry that asks for proof of all that was written before it. */
  synchronized ByteBuffer ask() {
    asked = bytes;
    askedFrames = frames;
    spend(0);
    token = tokens.getAsLong();
    return ByteBuffer.allocate(Long.BYTES).putLong(token).flip();
  }

  /** A pong came, be it the answer or not. */
  synchronized void answered(ByteBuffer payload) {
    if (asked != NOTHING
        && payload.remaining() == Long.BYTES
        && payload.getLong(payload.position()) == token) {
      if (bytes != MUCH && frames != MUCH) {
        bytes -= asked;
        frames -= askedFrames;
      }
      asked = NOTHING;
    }
  }
}
