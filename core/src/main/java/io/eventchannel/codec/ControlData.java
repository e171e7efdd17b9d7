package io.eventchannel.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a control event: a JSON object of which the plain fields are read and all else is
 * skipped, so that later versions may add to it. Data that is no object reads as an empty one; the
 * event then says what its type alone says. Immutable.
 */
public final class ControlData {
  /** The type of the event that introduces a server of ours. */
  public static final String HELLO = "eventchannel.hello";

  /** The type of the event that moves the position and nothing else. */
  public static final String POSITION = "eventchannel.position";

  /** The type of the event that says that events are missing. */
  public static final String GAP = "eventchannel.gap";

  /** The type of the event that explains the end that follows. */
  public static final String GOODBYE = "eventchannel.goodbye";

  /** The type of the event that decides every sent event up to its {@code seq}. */
  public static final String ACK = "eventchannel.ack";

  /** The type of the event that says which sent event was not taken. */
  public static final String REFUSED = "eventchannel.refused";

  /** The type of the event by which our SSE clients prove that they live. */
  public static final String ALIVE = "eventchannel.alive";

  /** The type of the event in whose place a client has nothing to send any more (rule U-9). */
  public static final String SKIP = "eventchannel.skip";

  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, String> fields;

  private ControlData(Map<String, String> fields) {
    this.fields = fields;
  }

  /** Reads the data of an event; never fails. */
  public static ControlData of(Event event) {
    Map<String, String> fields = new HashMap<>();
    if (!event.isBinary() && !event.data().isEmpty()) {
      try (JsonParser json = JSON.createParser(event.data())) {
        read(json, fields);
      } catch (IOException malformed) {
        // What stood before the mistake holds, as a field that is missing has its default.
        return new ControlData(fields);
      }
    }
    return new ControlData(fields);
  }

  private static void read(JsonParser json, Map<String, String> fields) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value != null && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
        fields.put(name, json.getText());
      } else {
        json.skipChildren();
      }
    }
  }

  /** The field's text, or null if it is not there. */
  public @Nullable String text(String name) {
    return fields.get(name);
  }

  /** The field's text, or a default if it is not there. */
  public String text(String name, String otherwise) {
    String value = fields.get(name);
    return value == null ? otherwise : value;
  }

  /** Whether the field is there and says true, or is not there and that is its default. */
  public boolean flag(String name, boolean otherwise) {
    String value = fields.get(name);
    return value == null ? otherwise : value.equals("true");
  }

  /** The field's whole number, or a default if it is not there or none. */
  public long number(String name, long otherwise) {
    String value = fields.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException notWhole) {
      return otherwise;
    }
  }

  /** What a gap event says; where it leaves a position out, {@code before} is what was received. */
  public Gap gap(String before, @Nullable String resumedAt) {
    String after = text("after", before);
    return new Gap(
        Gap.Reason.ofWireName(text("reason", "")),
        after.isEmpty() ? null : after,
        resumedAt,
        fields.getOrDefault("until", resumedAt));
  }

  /** The close code of a goodbye; going away, unless it says one that is none (RFC 6455, 7.4). */
  public int closeCode() {
    long code = number("code", 1001);
    return code >= 1000 && code <= 4999 ? (int) code : 1001;
  }
}
