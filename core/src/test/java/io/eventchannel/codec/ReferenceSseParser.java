package io.eventchannel.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The standard's algorithm written for reading, not for speed: whole text, lines by pattern, string
 * comparison. It shares no line with the parser and is compared with it.
 */
final class ReferenceSseParser {
  private ReferenceSseParser() {}

  /** Returns each event and each retry of a text that has been decoded, as one string each. */
  static List<String> parse(String text) {
    List<String> seen = new ArrayList<>();
    String[] lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1);
    String id = "";
    String lastId = "";
    String type = "";
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < lines.length - 1; i++) { // what follows the last line end is no line
      String line = lines[i];
      if (line.isEmpty()) {
        lastId = id;
        if (data.length() > 0) {
          String joined = data.substring(0, data.length() - 1);
          seen.add("event|" + lastId + "|" + (type.isEmpty() ? "message" : type) + "|" + joined);
        }
        data.setLength(0);
        type = "";
        continue;
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      if (name.equals("data")) {
        data.append(value).append('\n');
      } else if (name.equals("event")) {
        type = value;
      } else if (name.equals("id") && value.indexOf('\0') < 0) {
        id = value;
      } else if (name.equals("retry") && value.matches("[0-9]+")) {
        seen.add("retry|" + new BigInteger(value).min(BigInteger.valueOf(Long.MAX_VALUE)));
      }
    }
    return seen;
  }
}
