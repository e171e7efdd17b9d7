package io.eventchannel.codec;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The fields between two blank lines, and the last event ID, which outlives them. Confined to its
 * parser.
 *
 * <p>Data is in one of three places: nowhere; as a range of the chunk being parsed, when it is one
 * line so far; or in {@link #text}, from the second line on or once the chunk goes back to its
 * owner. The first two cases, an event inside one chunk, copy nothing but the string itself.
 *
 * <p>References are written only where they change. A block is as old as its connection, and to
 * store a reference in an old object costs the collector's barrier, a fence among it.
 */
final class SseBlock {
  /** What a line costs beyond its bytes, its end included, so that empty lines are bounded too. */
  static final int LINE_OVERHEAD = 8;

  private static final int MAX_KEPT_CAPACITY = 64 * 1024;
  private static final byte[] EMPTY = new byte[0];

  private final int maxBytes;
  private final RecentText types = new RecentText();
  private final RecentText topics = new RecentText();

  // Set by the lines of the block, cleared at the blank line.
  private int cost;
  private boolean hasData;
  private boolean plain; // the data so far, as LineEnds.passedPlain says
  private boolean inChunk; // else the data is in text
  private int chunkFrom;
  private int chunkTo;
  private int textLength;
  private boolean hasExtras; // any of the three below is set
  private boolean base64;
  private String type = Event.DEFAULT_TYPE;
  private @Nullable String topic;
  private @Nullable String pendingId;

  // The chunk being parsed, which stays here afterwards only to be compared.
  private byte[] chunk = EMPTY;

  // Survive the blank line.
  private byte[] text = EMPTY;
  private String lastEventId;

  SseBlock(int maxBytes, String lastEventId) {
    this.maxBytes = maxBytes;
    this.lastEventId = lastEventId;
  }

  String lastEventId() {
    return lastEventId;
  }

  /** Counts a field line against the limit, before it is looked at. */
  void count(int lineBytes) {
    long total = (long) cost + lineBytes + LINE_OVERHEAD;
    if (total > maxBytes && !(base64 && total <= SseLimits.encoded(maxBytes))) {
      throw new LimitExceededException(
          "maxEventBytes: expected at most " + maxBytes + " between two blank lines, got " + total);
    }
    cost = (int) total;
  }

  /** A chunk is about to be parsed; ranges of it stay as they are until {@link #leave}. */
  void enter(byte[] bytes) {
    if (chunk != bytes) {
      chunk = bytes;
    }
  }

  /** The chunk goes back to its owner. */
  void leave() {
    if (inChunk) {
      inChunk = false;
      append(chunk, chunkFrom, chunkTo);
    }
  }

  /** Adds a line of data. */
  void data(byte[] bytes, int from, int to, boolean isPlain) {
    if (hasData) {
      leave();
      plain &= isPlain;
      ensure(1);
      text[textLength++] = '\n';
      append(bytes, from, to);
      return;
    }
    hasData = true;
    plain = isPlain;
    if (bytes == chunk) {
      inChunk = true;
      chunkFrom = from;
      chunkTo = to;
    } else {
      append(bytes, from, to);
    }
  }

  void id(byte[] bytes, int from, int to, boolean isPlain) {
    if (!isPlain && holdsNul(bytes, from, to)) {
      return;
    }
    pendingId = Utf8.decode(bytes, from, to, isPlain);
  }

  private static boolean holdsNul(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == 0) {
        return true;
      }
    }
    return false;
  }

  void type(byte[] bytes, int from, int to) {
    hasExtras = true;
    type = from == to ? Event.DEFAULT_TYPE : types.decode(bytes, from, to);
  }

  /** Takes our own extra field (protocol rule T-1); what is no topic of ours is not for us. */
  void topic(byte[] bytes, int from, int to) {
    String value = topics.decode(bytes, from, to);
    if (FieldRules.isTopic(value)) {
      hasExtras = true;
      topic = value;
    }
  }

  /** Announces binary data (protocol rule B-2). */
  void base64() {
    hasExtras = true;
    base64 = true;
  }

  /** Whether the data is announced as base64: as bytes, it is a quarter shorter than its lines. */
  boolean isBase64() {
    return base64;
  }

  /** The blank line: the ID takes effect, and an event goes out if there was data. */
  void dispatch(SseParser.Sink sink) {
    String before = lastEventId;
    String id = pendingId;
    byte[] binary = hasData && base64 ? decodeBase64() : null;
    if (id != null) {
      lastEventId = id;
    }
    // Cleared before the call: a sink that ends the parser must not find half a block.
    if (hasData) {
      Event event = takeEvent(binary);
      clear();
      sink.onEvent(event);
    } else {
      clear();
      if (id != null && !id.equals(before)) {
        sink.onLastEventId(id);
      }
    }
  }

  private Event takeEvent(byte @Nullable [] binary) {
    Event event =
        binary != null
            ? Event.binary(type, binary)
            : Event.of(
                type,
                inChunk
                    ? Utf8.decode(chunk, chunkFrom, chunkTo, plain)
                    : Utf8.decode(text, 0, textLength, plain));
    if (!lastEventId.isEmpty()) {
      event = event.withId(lastEventId);
    }
    return topic == null ? event : event.withTopic(topic);
  }

  private byte[] decodeBase64() {
    byte[] encoded =
        inChunk ? Arrays.copyOfRange(chunk, chunkFrom, chunkTo) : Arrays.copyOf(text, textLength);
    if (encoded.length % 4 != 0) { // the JDK's decoder would let the padding be missing
      throw notBase64();
    }
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException malformed) {
      throw notBase64();
    }
    if (decoded.length > maxBytes) {
      throw new LimitExceededException(
          "maxEventBytes: expected at most "
              + maxBytes
              + " bytes in base64, got "
              + decoded.length);
    }
    return decoded;
  }

  private static ProtocolException notBase64() {
    // The data itself may be private, and long.
    return new ProtocolException(
        "data: expected base64, as encoding says, got other characters or an incomplete end");
  }

  /** Lets go of the last chunk too, when none will come any more. */
  void release() {
    clear();
    chunk = EMPTY;
  }

  /** Forgets the block; the last event ID stays. */
  void clear() {
    cost = 0;
    hasData = false;
    inChunk = false;
    pendingId = null;
    if (hasExtras) {
      hasExtras = false;
      base64 = false;
      type = Event.DEFAULT_TYPE;
      topic = null;
    }
    if (textLength > 0) {
      textLength = 0;
      if (text.length > MAX_KEPT_CAPACITY) {
        text = EMPTY; // one large event must not cost its size for the life of the connection
      }
    }
  }

  private void append(byte[] bytes, int from, int to) {
    ensure(to - from);
    System.arraycopy(bytes, from, text, textLength, to - from);
    textLength += to - from;
  }

  private void ensure(int more) {
    int wanted = textLength + more; // at most maxBytes, since every line is counted first
    if (wanted > text.length) {
      long doubled = Math.max(256, 2L * text.length);
      text = Arrays.copyOf(text, (int) Math.max(wanted, Math.min(maxBytes, doubled)));
    }
  }
}
