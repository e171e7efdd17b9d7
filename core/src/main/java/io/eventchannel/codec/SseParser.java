package io.eventchannel.codec;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Incremental push parser of {@code text/event-stream} (WHATWG HTML, section 9.2.6). Not
 * thread-safe: one thread at a time feeds it, and the sink is called on that thread.
 *
 * <p>What the sink sees does not depend on how the stream is cut into chunks. A line ends as soon
 * as its CR has come; an LF that follows in the next chunk belongs to it. Malformed UTF-8 becomes
 * U+FFFD as often as the Encoding Standard says. Beyond the standard it reads two fields of ours,
 * which others ignore: {@code topic}, unless its value is no topic, and, where the client asked for
 * it, {@code encoding: base64} (protocol rule B-2).
 *
 * <p>Time is linear in the bytes. Memory is bounded by the limits: the line that is still open and
 * the data so far. Comment lines are bounded one by one and do not count for the event they stand
 * in, so a heartbeat of comments alone may last for ever.
 */
public final class SseParser {
  /** Receives what the parser finds, in the order of the stream. */
  public interface Sink {
    /** An event; its ID is the last event ID at this moment, null when that is empty. */
    void onEvent(Event event);

    /** A block without data changed the last event ID; the empty string took it back. */
    void onLastEventId(String lastEventId);

    /** A valid {@code retry} field, at its line; clamped to {@link Long#MAX_VALUE}. */
    void onRetry(long millis);

    /** A comment line, without the colon and at most one space. */
    void onComment(String text);
  }

  private enum State {
    READY,
    FEEDING,
    ENDED
  }

  private static final int MAX_KEPT_CAPACITY = 64 * 1024;
  private static final byte[] EMPTY = new byte[0];
  private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
  private static final byte[] RETRY = {'r', 'e', 't', 'r', 'y'};
  private static final byte[] TOPIC = {'t', 'o', 'p', 'i', 'c'};
  private static final byte[] ENCODING = {'e', 'n', 'c', 'o', 'd', 'i', 'n', 'g'};
  private static final byte[] BASE64 = {'b', 'a', 's', 'e', '6', '4'};

  // "data: " and "id: " as the low bytes of a word, the first character lowest.
  private static final long DATA_MASK = 0xFFFF_FFFF_FFFFL;
  private static final long DATA_AND_SPACE = 0x203A_6174_6164L;
  private static final long ID_MASK = 0xFFFF_FFFFL;
  private static final long ID_AND_SPACE = 0x203A_6469L;

  private final Sink sink;
  private final int maxLineBytes;
  private final int maxBase64LineBytes;
  private final boolean readsBase64;
  private final SseBlock block;
  private final LineEnds lineEnds = new LineEnds();

  // FEEDING also stays when the sink or a limit threw, after which nothing is parsed any more.
  private State state = State.READY;
  // The line that began in an earlier chunk and has no end yet; the first line of a stream goes
  // this way always, since a BOM may stand before it.
  private boolean lineIsOpen = true;
  private byte[] open = EMPTY;
  private int openLength;
  private boolean firstLine = true;
  private boolean skipLineFeed;

  /**
   * Creates a parser of one connection's stream, all of whose events are text.
   *
   * @param lastEventId what the connection before left behind; it seeds the first events, empty for
   *     none
   */
  public SseParser(Sink sink, SseLimits limits, String lastEventId) {
    this(sink, limits, lastEventId, false);
  }

  /**
   * Creates a parser of one connection's stream.
   *
   * @param lastEventId what the connection before left behind; it seeds the first events, empty for
   *     none
   * @param readsBase64 whether the client asked a server of ours for binary events, so that {@code
   *     encoding: base64} says what the data is; elsewhere the field means nothing
   */
  public SseParser(Sink sink, SseLimits limits, String lastEventId, boolean readsBase64) {
    this.sink = Objects.requireNonNull(sink, "sink");
    this.maxLineBytes = limits.maxLineBytes();
    this.maxBase64LineBytes = SseLimits.encoded(maxLineBytes);
    this.readsBase64 = readsBase64;
    this.block = new SseBlock(limits.maxEventBytes(), Objects.requireNonNull(lastEventId));
  }

  /**
   * Parses the next bytes. The caller may change the array afterwards.
   *
   * @throws IndexOutOfBoundsException if the range is not inside the array
   * @throws LimitExceededException if a line or an event is longer than its limit; the message
   *     names the limit and its bound
   * @throws ProtocolException if data that is to be base64 is not; the last event ID is then that
   *     of the event before
   * @throws IllegalStateException if the stream has ended, an earlier call threw, or the sink calls
   *     back
   */
  public void feed(byte[] bytes, int offset, int length) {
    if (offset < 0 || length < 0 || length > bytes.length - offset) {
      throw new IndexOutOfBoundsException(
          "offset " + offset + ", length " + length + " in " + bytes.length + " bytes");
    }
    if (state != State.READY) {
      throw new IllegalStateException(
          state == State.ENDED ? "the stream has ended" : "a call is under way or has failed");
    }
    state = State.FEEDING;
    block.enter(bytes);
    parse(bytes, offset, offset + length);
    if (state == State.FEEDING) {
      block.leave();
      state = State.READY;
    }
  }

  /**
   * The stream ended: an unterminated block is discarded. May be called more than once, and by the
   * sink, which then gets nothing more of the bytes under way.
   */
  public void end() {
    state = State.ENDED;
    open = EMPTY;
    openLength = 0;
    lineEnds.release();
    block.release();
  }

  /** The last event ID committed so far; empty for none. */
  public String lastEventId() {
    return block.lastEventId();
  }

  private void parse(byte[] bytes, int from, int to) {
    int position = from;
    if (skipLineFeed && position < to) {
      skipLineFeed = false;
      if (bytes[position] == '\n') {
        position++;
      }
    }
    while (position < to && isFeeding()) {
      int end = lineEnds.find(bytes, position, to);
      if (lineIsOpen || end == to) {
        checkLine((long) openLength + end - position);
        addToOpenLine(bytes, position, end);
        if (end == to) {
          return;
        }
        closeOpenLine();
      } else if (end == position) {
        block.dispatch(sink);
      } else {
        checkLine(end - position);
        wholeLine(bytes, position, end);
        if (end + 1 < to && bytes[end] == '\n' && bytes[end + 1] == '\n' && isFeeding()) {
          end++; // the blank line that ends most blocks, without another search
          block.dispatch(sink);
        }
      }
      position = end + 1;
      if (bytes[end] == '\r') {
        if (position == to) {
          skipLineFeed = true;
        } else if (bytes[position] == '\n') {
          position++;
        }
      }
    }
  }

  private boolean isFeeding() {
    return state == State.FEEDING; // else the sink has ended the stream
  }

  private void checkLine(long length) {
    if (length > maxLineBytes && !(block.isBase64() && length <= maxBase64LineBytes)) {
      throw new LimitExceededException(
          "maxLineBytes: expected at most " + maxLineBytes + ", got " + length + " or more");
    }
  }

  private void addToOpenLine(byte[] bytes, int from, int to) {
    int wanted = openLength + to - from; // at most maxLineBytes
    if (wanted > open.length) {
      long doubled = Math.max(256, 2L * open.length);
      open = Arrays.copyOf(open, (int) Math.max(wanted, Math.min(maxLineBytes, doubled)));
    }
    System.arraycopy(bytes, from, open, openLength, to - from);
    openLength = wanted;
    lineIsOpen = true;
  }

  /**
   * Takes the open line, which has its end now; the first line of a stream always comes this way.
   */
  private void closeOpenLine() {
    int from = 0;
    int to = openLength;
    openLength = 0;
    lineIsOpen = false;
    if (firstLine) {
      firstLine = false;
      if (to >= 3 && open[0] == (byte) 0xEF && open[1] == (byte) 0xBB && open[2] == (byte) 0xBF) {
        from = 3;
      }
    }
    if (from == to) {
      block.dispatch(sink);
    } else {
      line(open, from, to, false);
    }
    if (open.length > MAX_KEPT_CAPACITY) {
      open = EMPTY; // one long line must not cost its length for the life of the connection
    }
  }

  /**
   * Takes a line that lies inside the chunk and is not blank. Nearly all lines begin in one of two
   * ways, which a look at the first eight bytes together tells.
   */
  private void wholeLine(byte[] bytes, int from, int to) {
    long head = lineEnds.head();
    boolean plain = lineEnds.passedPlain();
    if ((head & DATA_MASK) == DATA_AND_SPACE) {
      block.count(to - from);
      block.data(bytes, from + 6, to, plain);
    } else if ((head & ID_MASK) == ID_AND_SPACE) {
      block.count(to - from);
      block.id(bytes, from + 4, to, plain);
    } else {
      line(bytes, from, to, plain);
    }
  }

  /** Takes a line that is not blank; {@code plain} as {@link LineEnds#passedPlain} says. */
  private void line(byte[] bytes, int from, int to, boolean plain) {
    if (bytes[from] == ':') {
      sink.onComment(Utf8.decode(bytes, value(bytes, from, to), to));
    } else {
      block.count(to - from);
      field(bytes, from, to, plain);
    }
  }

  /** Interprets a field; the first byte decides what it can be, all others are ignored. */
  private void field(byte[] bytes, int from, int to, boolean plain) {
    switch (bytes[from]) {
      case 'd':
        if (isData(bytes, from, to)) {
          block.data(bytes, value(bytes, from + 4, to), to, plain);
        }
        return;
      case 'i':
        if (to - from >= 2 && bytes[from + 1] == 'd' && endsName(bytes, from + 2, to)) {
          block.id(bytes, value(bytes, from + 2, to), to, plain);
        }
        return;
      case 'e':
        if (isNamed(EVENT, bytes, from, to)) {
          block.type(bytes, value(bytes, from + EVENT.length, to), to);
        } else if (isNamed(ENCODING, bytes, from, to)) {
          encoding(bytes, value(bytes, from + ENCODING.length, to), to);
        }
        return;
      case 'r':
        if (isNamed(RETRY, bytes, from, to)) {
          retry(bytes, value(bytes, from + RETRY.length, to), to);
        }
        return;
      case 't':
        if (isNamed(TOPIC, bytes, from, to)) {
          block.topic(bytes, value(bytes, from + TOPIC.length, to), to);
        }
        return;
      default:
    }
  }

  private void encoding(byte[] bytes, int from, int to) {
    if (readsBase64 && to - from == BASE64.length && startsWith(BASE64, bytes, from)) {
      block.base64();
    }
  }

  private void retry(byte[] bytes, int from, int to) {
    if (from == to) {
      return;
    }
    long millis = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return;
      }
      millis = millis > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : millis * 10 + digit;
    }
    sink.onRetry(millis);
  }

  private static boolean isData(byte[] bytes, int from, int to) {
    return to - from >= 4
        && bytes[from + 1] == 'a'
        && bytes[from + 2] == 't'
        && bytes[from + 3] == 'a'
        && endsName(bytes, from + 4, to);
  }

  private static boolean isNamed(byte[] name, byte[] bytes, int from, int to) {
    return to - from >= name.length
        && startsWith(name, bytes, from)
        && endsName(bytes, from + name.length, to);
  }

  private static boolean startsWith(byte[] prefix, byte[] bytes, int from) {
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[from + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean endsName(byte[] bytes, int nameEnd, int to) {
    return nameEnd == to || bytes[nameEnd] == ':';
  }

  /** Returns where the value begins: past the colon and one space, if they are there. */
  private static int value(byte[] bytes, int nameEnd, int to) {
    int from = nameEnd + 1;
    if (from >= to) {
      return to;
    }
    return bytes[from] == ' ' ? from + 1 : from;
  }
}
