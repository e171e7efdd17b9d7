package io.eventchannel.okhttp;

/**
 * Reads what a WebSocket server sends: bytes in, messages and control frames out, however the bytes
 * are cut (RFC 6455, section 5). It knows no socket and no thread. What breaks a rule is refused at
 * the first byte that shows it; afterwards, and after a close frame, nothing is read any more.
 *
 * <p>A message that lies whole in one piece is never copied. Any other is collected within the
 * limit, in memory in proportion to what has come. Fragments cost no memory of their own; those
 * that bring nothing are counted, since no limit in bytes would ever meet them.
 */
final class FrameReader {
  /**
   * What comes out. Arrays mean something until the call returns. A message may be refused: then
   * nothing is read any more.
   */
  interface Sink {
    /** A text message, as UTF-8 that has been checked. */
    void onText(byte[] bytes, int offset, int length) throws FrameException;

    /** A binary message. */
    void onBinary(byte[] bytes, int offset, int length) throws FrameException;

    /** A ping; its payload is the sink's to keep. */
    void onPing(byte[] payload);

    /** A pong, whether anybody asked for it or not. */
    void onPong();

    /** A close frame, once and last; 1005 if it holds no code (RFC 6455, section 7.1.5). */
    void onClose(int code, String reason);
  }

  /** The longest array of every Java platform. */
  static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  /** How many fragments of a message may be empty. */
  static final int MOST_EMPTY_FRAGMENTS = 1024;

  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;
  private static final int MOST_CONTROL_BYTES = 125;

  private enum Expecting {
    FIRST_BYTE,
    LENGTH,
    LONG_LENGTH,
    PAYLOAD,
    NOTHING
  }

  private final int limit;
  private final String limitName;
  private final Sink sink;

  // The frame that is being read.
  private Expecting expecting = Expecting.FIRST_BYTE;
  private int opcode;
  private boolean fin;
  private int lengthBytes; // of a long length: how many there are, and how many are to come
  private int lengthBytesLeft;
  private long length; // of the payload
  private long left; // of it, to come
  private final byte[] control = new byte[MOST_CONTROL_BYTES];
  private int controlSize;

  // The message that it belongs to, between its first frame and its last; CONTINUATION if none.
  private int message = CONTINUATION;
  private int emptyFragments;
  private final MessageBuffer collected = new MessageBuffer();
  private final Utf8Check utf8 = new Utf8Check();

  /**
   * Creates one.
   *
   * @param limit how many bytes a message may have
   * @param limitName what a message about the limit calls it
   */
  FrameReader(int limit, String limitName, Sink sink) {
    this.limit = Math.min(limit, MOST_BYTES);
    this.limitName = limitName;
    this.sink = sink;
  }

  /** Takes further bytes, and tells what they complete before it returns. */
  void feed(byte[] bytes, int offset, int count) throws FrameException {
    int to = offset + count;
    int i = offset;
    while (i < to) {
      switch (expecting) {
        case FIRST_BYTE:
          firstByte(bytes[i++] & 0xFF);
          break;
        case LENGTH:
          length(bytes[i++] & 0xFF);
          break;
        case LONG_LENGTH:
          longLength(bytes[i++] & 0xFF);
          break;
        case PAYLOAD:
          i = payload(bytes, i, to);
          break;
        case NOTHING:
          return;
      }
    }
  }

  private boolean isControl() {
    return opcode >= CLOSE;
  }

  private void firstByte(int b) throws FrameException {
    fin = (b & 0x80) != 0;
    opcode = b & 0xF;
    if ((b & 0x70) != 0) {
      throw broken("reserved bits: expected none without an extension, got " + ((b & 0x70) >> 4));
    }
    switch (opcode) {
      case CONTINUATION:
        if (message == CONTINUATION) {
          throw broken("opcode: expected a message to begin, got a continuation");
        }
        break;
      case TEXT:
      case BINARY:
        if (message != CONTINUATION) {
          throw broken("opcode: expected the message to continue, got the beginning of another");
        }
        message = opcode;
        break;
      case CLOSE:
      case PING:
      case PONG:
        if (!fin) {
          throw broken("control frame: expected it in one piece, got a fragment");
        }
        break;
      default:
        throw broken("opcode: expected one of RFC 6455, got " + opcode);
    }
    expecting = Expecting.LENGTH;
  }

  private void length(int b) throws FrameException {
    if ((b & 0x80) != 0) {
      throw broken("mask: expected none from a server, got a masked frame");
    }
    if (isControl() && b > MOST_CONTROL_BYTES) {
      throw broken("control frame: expected at most 125 bytes, got a longer one");
    }
    if (b < 126) {
      begin(b);
    } else {
      lengthBytes = b == 126 ? Short.BYTES : Long.BYTES;
      lengthBytesLeft = lengthBytes;
      length = 0;
      expecting = Expecting.LONG_LENGTH;
    }
  }

  private void longLength(int b) throws FrameException {
    if (lengthBytesLeft == Long.BYTES && b > 0x7F) {
      throw broken("length: expected 63 bits, got the highest one set");
    }
    length = (length << 8) | b;
    if (--lengthBytesLeft == 0) {
      if (length < (lengthBytes == Short.BYTES ? 126 : 0x10000)) {
        throw broken("length: expected the shortest form, got " + length + " in a longer one");
      }
      begin(length);
    }
  }

  /** The header is whole. */
  private void begin(long payloadLength) throws FrameException {
    length = payloadLength;
    left = payloadLength;
    controlSize = 0;
    if (!isControl()) {
      if (payloadLength > limit - collected.size()) {
        throw refusal(
            FrameException.TOO_BIG,
            limitName
                + ": expected at most "
                + limit
                + " bytes in a message, got "
                + (collected.size() + payloadLength));
      }
      if (payloadLength == 0 && !fin && ++emptyFragments > MOST_EMPTY_FRAGMENTS) {
        throw refusal(
            FrameException.POLICY,
            "fragments: expected at most " + MOST_EMPTY_FRAGMENTS + " empty ones in a message");
      }
    }
    expecting = Expecting.PAYLOAD;
    if (payloadLength == 0) {
      payload(control, 0, 0); // no further byte would bring it there
    }
  }

  private int payload(byte[] bytes, int from, int to) throws FrameException {
    int count = (int) Math.min(left, to - from);
    if (isControl()) {
      System.arraycopy(bytes, from, control, controlSize, count);
      controlSize += count;
      left -= count;
      if (left == 0) {
        expecting = Expecting.FIRST_BYTE;
        tellControl();
      }
    } else {
      data(bytes, from, count);
    }
    return from + count;
  }

  private void data(byte[] bytes, int from, int count) throws FrameException {
    boolean last = fin && count == left;
    if (message == TEXT
        && !(utf8.accepts(bytes, from, from + count) && (!last || utf8.isComplete()))) {
      throw refusal(FrameException.MALFORMED, "text: expected UTF-8, got other bytes");
    }
    if (last && collected.size() == 0) {
      tellMessage(bytes, from, count);
      return;
    }
    collected.append(bytes, from, count, fin ? left : limit - collected.size());
    left -= count;
    if (last) {
      tellMessage(collected.bytes(), 0, collected.size());
    } else if (left == 0) {
      expecting = Expecting.FIRST_BYTE;
    }
  }

  private void tellMessage(byte[] bytes, int offset, int count) throws FrameException {
    expecting = Expecting.NOTHING; // should it be refused
    if (message == TEXT) {
      sink.onText(bytes, offset, count);
    } else {
      sink.onBinary(bytes, offset, count);
    }
    expecting = Expecting.FIRST_BYTE;
    message = CONTINUATION;
    emptyFragments = 0;
    collected.clear();
  }

  private void tellControl() throws FrameException {
    switch (opcode) {
      case PING:
        byte[] payload = new byte[controlSize];
        System.arraycopy(control, 0, payload, 0, controlSize);
        sink.onPing(payload);
        return;
      case PONG:
        sink.onPong();
        return;
      default:
        tellClose();
    }
  }

  private void tellClose() throws FrameException {
    expecting = Expecting.NOTHING;
    CloseFrame frame = CloseFrame.read(control, controlSize);
    sink.onClose(frame.code(), frame.reason());
  }

  private FrameException broken(String text) {
    return refusal(FrameException.PROTOCOL_ERROR, text);
  }

  private FrameException refusal(int code, String text) {
    expecting = Expecting.NOTHING;
    return new FrameException(code, text);
  }

  /** How many bytes of memory it holds for a message that is not complete. */
  int held() {
    return collected.capacity();
  }
}
