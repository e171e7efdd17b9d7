package io.eventchannel.codec;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
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
  private byte @Nullable [] chunk; // null when the data is in text
  private int chunkFrom;
  private int chunkTo;
  private int textLength;
  private boolean base64;
  private String type = Event.DEFAULT_TYPE;
  private @Nullable String topic;
  private @Nullable String pendingId;

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
    // No overflow: both are at most Integer.MAX_VALUE as unsigned, and the sum is compared as long.
    long total = (long) cost + lineBytes + LINE_OVERHEAD;
    if (total > maxBytes) {
      throw new LimitExceededException(
          "maxEventBytes: expected at most " + maxBytes + " between two blank lines, got " + total);
    }
    cost = (int) total;
  }

  /** Adds a line of data; a stable range stays as it is until {@link #detach} or the blank line. */
  void data(byte[] bytes, int from, int to, boolean stable) {
    if (!hasData) {
      hasData = true;
      if (stable) {
        chunk = bytes;
        chunkFrom = from;
        chunkTo = to;
      } else {
        append(bytes, from, to);
      }
      return;
    }
    detach();
    ensure(1);
    text[textLength++] = '\n';
    append(bytes, from, to);
  }

  /** Takes the data out of the chunk, which goes back to its owner. */
  void detach() {
    byte[] bytes = chunk;
    if (bytes != null) {
      chunk = null;
      append(bytes, chunkFrom, chunkTo);
    }
  }

  void id(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == 0) {
        return;
      }
    }
    pendingId = Utf8.decode(bytes, from, to);
  }

  void type(byte[] bytes, int from, int to) {
    type = from == to ? Event.DEFAULT_TYPE : types.decode(bytes, from, to);
  }

  /** Takes our own extra field (protocol rule T-1); what is no topic of ours is not for us. */
  void topic(byte[] bytes, int from, int to) {
    String value = topics.decode(bytes, from, to);
    if (FieldRules.isTopic(value)) {
      topic = value;
    }
  }

  /** Announces binary data (protocol rule B-2). */
  void base64() {
    base64 = true;
  }

  /** The blank line: the ID takes effect, and an event goes out if there was data. */
  void dispatch(SseParser.Sink sink) {
    boolean idChanged = false;
    if (pendingId != null) {
      idChanged = !pendingId.equals(lastEventId);
      lastEventId = pendingId;
      pendingId = null;
    }
    if (hasData) {
      // Cleared first: a sink that throws must not see half a block again.
      Event event = takeEvent();
      clear();
      sink.onEvent(event);
    } else {
      clear();
      if (idChanged) {
        sink.onLastEventId(lastEventId);
      }
    }
  }

  private Event takeEvent() {
    byte[] bytes = chunk;
    int from = chunkFrom;
    int to = chunkTo;
    if (bytes == null) {
      bytes = text;
      from = 0;
      to = textLength;
    }
    Event event = base64 ? decodeBase64(bytes, from, to) : null;
    if (event == null) {
      event = Event.of(type, Utf8.decode(bytes, from, to));
    }
    if (!lastEventId.isEmpty()) {
      event = event.withId(lastEventId);
    }
    return topic == null ? event : event.withTopic(topic);
  }

  /**
   * Returns a binary event, or null if the data is not base64: then the field was not ours, the
   * standard says to ignore it, and the event is the text that it would be for anyone else.
   */
  private @Nullable Event decodeBase64(byte[] bytes, int from, int to) {
    try {
      return Event.binary(type, Base64.getDecoder().decode(Arrays.copyOfRange(bytes, from, to)));
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  /** Forgets the block; the last event ID stays. */
  void clear() {
    cost = 0;
    hasData = false;
    chunk = null;
    textLength = 0;
    base64 = false;
    type = Event.DEFAULT_TYPE;
    topic = null;
    pendingId = null;
    if (text.length > MAX_KEPT_CAPACITY) {
      text = EMPTY; // one large event must not cost its size for the life of the connection
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
