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
 * <p>All state is guarded by this: the writer spends, and whichever thread reads the pong gives
 * back.
 */
final class WriteCredit {
  // Linux gives a connection room for twenty full segments with their overhead before the first
  // acknowledgement: 85 KiB on an Ethernet, 45 KiB through a tunnel with its smaller segments;
  // other systems 64 KiB or more. An application can ask its container for less.
  private static final int LIMIT = 40 * 1024;

  // What a frame takes beside its bytes: its header, and a share of a packet's book-keeping. Of
  // packets beyond the window, many frames share one.
  private static final int FRAME_COST = 256;

  // The rest is for what is written while the answer is on its way.
  private static final int PROOF_AFTER = 24 * 1024;

  private static final int NOTHING = -1;

  // More is not told apart. Who has not been asked, or has not answered, for so much gets no credit
  // any more.
  private static final int MUCH = Integer.MAX_VALUE;

  private final LongSupplier tokens;
  private int unproven; // what was written since what the peer has read for certain
  private int asked = NOTHING; // the part of it that the peer was asked about
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
  synchronized boolean covers(int bytes) {
    return (long) unproven + bytes + FRAME_COST <= LIMIT;
  }

  /** A frame was written, by whichever call. */
  synchronized void spend(int bytes) {
    unproven = (int) Math.min(MUCH, (long) unproven + bytes + FRAME_COST);
  }

  /** Whether it is time to ask the peer, which has no question to answer. */
  synchronized boolean isProofDue() {
    return asked == NOTHING && unproven >= PROOF_AFTER;
  }

  /** Returns what a ping has to carry that asks for proof of all that was written before it. */
  synchronized ByteBuffer ask() {
    asked = unproven;
    spend(0);
    token = tokens.getAsLong();
    return ByteBuffer.allocate(Long.BYTES).putLong(token).flip();
  }

  /** A pong came, be it the answer or not. */
  synchronized void answered(ByteBuffer payload) {
    if (asked != NOTHING
        && payload.remaining() == Long.BYTES
        && payload.getLong(payload.position()) == token) {
      if (unproven != MUCH) {
        unproven -= asked;
      }
      asked = NOTHING;
    }
  }
}
