package io.eventchannel.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that {@link SseParser} reports, its two fields of ours and its limits included, written for
 * reading: whole text, lines by pattern, string comparison. Shares no line with the parser. Its
 * lines are those of {@link RecordingSink#transcript}.
 */
final class PlainSseReader {
  private static final String TOPIC = "[A-Za-z0-9._:/-]{1,200}";

  /** Stands for the refusal of data that was to be base64. */
  static final String NOT_BASE64 = "not base64";

  private final String text;
  private final boolean mark;
  private final boolean readsBase64;
  private final List<String> seen = new ArrayList<>();
  private String lastId = "";

  // the block under way
  private String id;
  private String type = "";
  private String topic = "";
  private boolean base64;
  private List<String> data = new ArrayList<>();
  private int cost;

  PlainSseReader(String decoded, boolean readsBase64) {
    this.readsBase64 = readsBase64;
    mark = decoded.startsWith("\uFEFF");
    text = mark ? decoded.substring(1) : decoded;
  }

  /**
   * The number of replacements for one malformed sequence differs between decoders; this makes them
   * alike. Whether it is the standard's number is tested where the decoder is.
   */
  static String withSingleReplacements(String text) {
    return text.replaceAll("\uFFFD+", "\uFFFD");
  }

  List<String> read() {
    return readUpTo(Integer.MAX_VALUE, Integer.MAX_VALUE, "");
  }

  /** Stops at the first line that breaks a limit, given in characters, and says so. */
  List<String> readUpTo(int maxLine, int maxEvent, String over) {
    String[] lines = text.split("\r\n|\r|\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      boolean ended = i < lines.length - 1;
      boolean field = ended && !line.isEmpty() && !line.startsWith(":");
      cost += field ? line.length() + SseBlock.LINE_OVERHEAD : 0;
      if (line.length() + (i == 0 && mark ? 3 : 0) > maxLine || cost > maxEvent) {
        seen.add(over);
        return seen;
      }
      if (ended && !line(line)) { // what follows the last line end is no line
        seen.add(NOT_BASE64);
        return seen;
      }
    }
    return seen;
  }

  /** Returns whether the stream can go on. */
  private boolean line(String line) {
    if (line.isEmpty()) {
      return blank();
    }
    int colon = line.indexOf(':');
    String name = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (name) {
      case "" -> say("comment " + value);
      case "data" -> data.add(value);
      case "event" -> type = value;
      case "id" -> id = value.indexOf('\0') < 0 ? value : id;
      case "topic" -> topic = value.matches(TOPIC) ? " on " + value : topic;
      case "encoding" -> base64 |= readsBase64 && value.equals("base64");
      case "retry" -> {
        if (value.matches("[0-9]+")) {
          say("retry " + new BigInteger(value).min(BigInteger.valueOf(Long.MAX_VALUE)));
        }
      }
      default -> {}
    }
    return true;
  }

  private boolean blank() {
    String payload = payload();
    if (payload == null) {
      return false;
    }
    String before = lastId;
    lastId = id == null ? lastId : id;
    if (!data.isEmpty()) {
      String shownId = lastId.isEmpty() ? "null" : lastId;
      String shownType = type.isEmpty() ? "message" : type;
      say("event " + shownId + " " + shownType + " " + payload + topic);
    } else if (!lastId.equals(before)) {
      say("id " + lastId);
    }
    id = null;
    type = "";
    topic = "";
    base64 = false;
    data = new ArrayList<>();
    cost = 0;
    return true;
  }

  /** The data as it is shown; null if it is not what it was said to be. */
  private @Nullable String payload() {
    String joined = String.join("\n", data);
    if (!base64 || data.isEmpty()) {
      return joined;
    }
    if (!joined.matches("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")) {
      return null;
    }
    return "binary " + Arrays.toString(Base64.getDecoder().decode(joined));
  }

  private void say(String line) {
    seen.add(withSingleReplacements(line));
  }
}
