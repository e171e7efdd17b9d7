package io.eventchannel.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.eventchannel.Event;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One case of {@code sse-parse.json}; the file's README says what its keys mean. */
final class SseVector {
  private final Map<String, Object> fields;

  private SseVector(Map<String, Object> fields) {
    this.fields = fields;
  }

  static List<SseVector> all() {
    try (InputStream file = SseVector.class.getResourceAsStream("/sse-parse.json");
        JsonParser json = new JsonFactory().createParser(Objects.requireNonNull(file))) {
      json.nextToken();
      List<SseVector> vectors = new ArrayList<>();
      for (Object entry : list(value(json))) {
        vectors.add(new SseVector(map(entry)));
      }
      return vectors;
    } catch (IOException e) {
      throw new IllegalStateException("sse-parse.json", e);
    }
  }

  String name() {
    return (String) fields.get("name");
  }

  boolean exercises(String row) {
    return list(fields.get("req")).contains(row);
  }

  String initialLastEventId() {
    return (String) fields.getOrDefault("initialLastEventId", "");
  }

  /** The chunks as the case wants them. */
  List<byte[]> chunks() {
    List<byte[]> chunks = new ArrayList<>();
    for (Object chunk : list(fields.get("chunks"))) {
      chunks.add(bytes(chunk));
    }
    if (!fields.containsKey("split")) {
      return chunks;
    }
    int[] sizes = list(fields.get("split")).stream().mapToInt(n -> ((Long) n).intValue()).toArray();
    return Chunking.sizes(Chunking.join(chunks), sizes);
  }

  /** Returns what differs from the expectation, empty when nothing does. */
  List<String> differences(RecordingSink got, String lastEventId) {
    List<String> differences = new ArrayList<>();
    if (!eventsMatch(got.events)) {
      differences.add("events: expected " + fields.get("events") + ", got " + got.transcript);
    }
    if (!retriesMatch(got.retries) && !isLenient("retry")) {
      differences.add("retry: expected " + fields.get("retry") + ", got " + got.retries);
    }
    if (!commentsMatch(got.comments)) {
      differences.add("comments: expected " + fields.get("comments") + ", got " + got.comments);
    }
    if (!matches(fields.get("lastEventId"), lastEventId)) {
      differences.add(
          "lastEventId: expected " + fields.get("lastEventId") + ", got " + lastEventId);
    }
    return differences;
  }

  private boolean isLenient(String key) {
    return fields.containsKey("lenient") && list(fields.get("lenient")).contains(key);
  }

  private boolean eventsMatch(List<Event> got) {
    Object expected = fields.get("events");
    if (expected instanceof Map) {
      Map<String, Object> summary = map(expected);
      return summary.get("count").equals((long) got.size())
          && summary.get("sha256").equals(hashOf(got));
    }
    List<Object> events = list(expected);
    boolean same = events.size() == got.size();
    for (int i = 0; same && i < got.size(); i++) {
      Map<String, Object> event = map(events.get(i));
      same =
          matches(event.get("id"), idOf(got.get(i)))
              && matches(event.get("event"), got.get(i).type())
              && matches(event.get("data"), got.get(i).data());
    }
    return same;
  }

  private boolean retriesMatch(List<Long> got) {
    List<Object> expected = list(fields.get("retry"));
    boolean same = expected.size() == got.size();
    for (int i = 0; same && i < got.size(); i++) {
      same =
          expected.get(i) instanceof Long
              ? expected.get(i).equals(got.get(i))
              : got.get(i) >= (1L << 53) - 1;
    }
    return same;
  }

  private boolean commentsMatch(List<String> got) {
    Object expected = fields.get("comments");
    if (expected instanceof Map) {
      return map(expected).get("count").equals((long) got.size());
    }
    List<Object> comments = list(expected);
    boolean same = comments.size() == got.size();
    for (int i = 0; same && i < got.size(); i++) {
      String comment = (String) comments.get(i);
      same = (comment.startsWith(" ") ? comment.substring(1) : comment).equals(got.get(i));
    }
    return same;
  }

  private static boolean matches(Object expected, String got) {
    if (expected instanceof Map) {
      byte[] bytes = got.getBytes(StandardCharsets.UTF_8);
      return map(expected).get("utf8Bytes").equals((long) bytes.length)
          && map(expected).get("sha256").equals(HexFormat.of().formatHex(sha256().digest(bytes)));
    }
    return expected.equals(got);
  }

  private static String hashOf(List<Event> events) {
    MessageDigest digest = sha256();
    for (Event event : events) {
      for (String text : new String[] {idOf(event), event.type(), event.data()}) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
        digest.update((byte) ',');
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String idOf(Event event) {
    return event.id() == null ? "" : event.id();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Object chunk) {
    if (chunk instanceof Map) {
      byte[] piece = bytes(map(chunk).get("b64"));
      List<byte[]> pieces = new ArrayList<>();
      for (long i = 0; i < (Long) map(chunk).get("times"); i++) {
        pieces.add(piece);
      }
      return Chunking.join(pieces);
    }
    return Base64.getDecoder().decode((String) chunk);
  }

  private static Object value(JsonParser json) throws IOException {
    switch (json.currentToken()) {
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(json));
        }
        return list;
      case START_OBJECT:
        Map<String, Object> map = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          json.nextToken();
          map.put(name, value(json));
        }
        return map;
      case VALUE_NUMBER_INT:
        return json.getLongValue();
      default:
        return json.getText();
    }
  }

  @SuppressWarnings("unchecked") // what value() builds
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked") // what value() builds
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }
}
