package io.eventchannel.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.eventchannel.Event;
import io.eventchannel.ProtocolException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The fields of one envelope while it is read. Confined to one call. */
final class Envelope {
  private static final int ABSENT = -1;

  private long seq = EnvelopeWriter.NO_SEQ;
  private int binaryLength = ABSENT;
  private @Nullable String id;
  private @Nullable String type;
  private @Nullable String topic;
  private @Nullable String data;

  long seq() {
    return seq;
  }

  /** How many raw bytes follow the line; negative for a text event. */
  int binaryLength() {
    return binaryLength;
  }

  Event textEvent() {
    return complete(Event.of(typeOrDefault(), data == null ? "" : data));
  }

  Event binaryEvent(byte[] raw) {
    return complete(Event.binary(typeOrDefault(), raw));
  }

  private String typeOrDefault() {
    return type == null ? Event.DEFAULT_TYPE : type;
  }

  private Event complete(Event event) {
    return event.withId(id).withTopic(topic);
  }

  /** Takes a field whose value the parser stands at. */
  void set(String name, @Nullable JsonToken value, JsonParser json) throws IOException {
    switch (name) {
      case "seq":
        requireFirst(name, seq == EnvelopeWriter.NO_SEQ);
        seq = number(name, value, json, 1, Long.MAX_VALUE);
        return;
      case "bytes":
        requireFirst(name, binaryLength == ABSENT);
        binaryLength = (int) number(name, value, json, 0, Integer.MAX_VALUE);
        return;
      case "id":
        requireFirst(name, id == null);
        id = oneLine(name, text(name, value, json));
        return;
      case "event":
        requireFirst(name, type == null);
        type = oneLine(name, text(name, value, json));
        return;
      case "topic":
        requireFirst(name, topic == null);
        topic = text(name, value, json);
        if (!FieldRules.isTopic(topic)) {
          throw unexpected(name, FieldRules.TOPIC_FORM, FieldRules.quote(topic));
        }
        return;
      case "data":
        requireFirst(name, data == null);
        data = text(name, value, json);
        return;
      default:
        if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
          throw unexpected("field " + FieldRules.quote(name), "a plain value", kind(value));
        }
    }
  }

  /** Checks what no field shows alone, once the object is complete. */
  void check() {
    if (data != null && binaryLength != ABSENT) {
      throw unexpected("envelope", "either data or bytes", "both");
    }
    boolean control = type != null && type.startsWith(FieldRules.CONTROL_PREFIX);
    if (data == null && binaryLength == ABSENT && !control) {
      throw unexpected("envelope", "data or bytes", "neither");
    }
  }

  private static void requireFirst(String name, boolean first) {
    if (!first) {
      throw unexpected("envelope", name + " once", "it twice");
    }
  }

  private static String text(String name, @Nullable JsonToken value, JsonParser json)
      throws IOException {
    if (value != JsonToken.VALUE_STRING) {
      throw unexpected(name, "a string", kind(value));
    }
    return Utf8.wellFormed(json.getText());
  }

  private static String oneLine(String name, String value) {
    if (FieldRules.breaksLine(value)) {
      throw unexpected(name, "no CR, LF or NUL", FieldRules.quote(value));
    }
    return value;
  }

  private static long number(
      String name, @Nullable JsonToken value, JsonParser json, long min, long max)
      throws IOException {
    if (value != JsonToken.VALUE_NUMBER_INT) {
      throw unexpected(name, "a whole number", kind(value));
    }
    boolean fits = json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (!fits || json.getLongValue() < min || json.getLongValue() > max) {
      throw unexpected(name, min + " to " + max, FieldRules.quote(json.getText()));
    }
    return json.getLongValue();
  }

  private static ProtocolException unexpected(String where, String expected, String got) {
    return new ProtocolException(where + ": expected " + expected + ", got " + got);
  }

  private static String kind(@Nullable JsonToken token) {
    if (token == null) {
      return "the end of the line";
    }
    switch (token) {
      case START_OBJECT:
        return "an object";
      case START_ARRAY:
        return "an array";
      case VALUE_STRING:
        return "a string";
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        return "a number";
      case VALUE_TRUE:
      case VALUE_FALSE:
        return "a boolean";
      case VALUE_NULL:
        return "null";
      default:
        return "no value";
    }
  }
}
