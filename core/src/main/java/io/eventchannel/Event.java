package io.eventchannel;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event: a type, its data as text or bytes, and, once published, an event ID and a topic.
 *
 * <p>Immutable and safe to share. An event is only a value: whether its fields may travel is
 * decided where it is published or sent, which refuses CR, LF and NUL in type, id and topic
 * (protocol rule E-2), because an event that was received from a foreign server may hold them.
 */
public final class Event {
  /** The type of an event that names none (WHATWG HTML, section 9.2.6). */
  public static final String DEFAULT_TYPE = "message";

  private final @Nullable String id;
  private final String type;
  private final @Nullable String topic;
  // Exactly one of the two is set.
  private final @Nullable String data;
  private final byte @Nullable [] bytes;

  private Event(
      @Nullable String id,
      String type,
      @Nullable String topic,
      @Nullable String data,
      byte @Nullable [] bytes) {
    this.id = id;
    this.type = type;
    this.topic = topic;
    this.data = data;
    this.bytes = bytes;
  }

  /** Returns a text event; an empty {@code type} means {@value #DEFAULT_TYPE}. */
  public static Event of(String type, String data) {
    Objects.requireNonNull(data, "data");
    return new Event(null, typeOrDefault(type), null, data, null);
  }

  /** Returns a text event of type {@value #DEFAULT_TYPE}. */
  public static Event message(String data) {
    return of(DEFAULT_TYPE, data);
  }

  /** Returns a binary event that holds a copy of {@code bytes}. */
  public static Event binary(String type, byte[] bytes) {
    return new Event(null, typeOrDefault(type), null, null, bytes.clone());
  }

  private static String typeOrDefault(String type) {
    return Objects.requireNonNull(type, "type").isEmpty() ? DEFAULT_TYPE : type;
  }

  /** Returns this event with another event ID; null or empty means none. */
  public Event withId(@Nullable String newId) {
    return new Event(newId == null || newId.isEmpty() ? null : newId, type, topic, data, bytes);
  }

  /** Returns this event on another topic; null means none. */
  public Event withTopic(@Nullable String newTopic) {
    return new Event(id, type, newTopic, data, bytes);
  }

  /**
   * The event ID, opaque to clients, or null when there is none. On an event received over SSE it
   * is the last event ID at that moment, which an event without an {@code id:} of its own inherits.
   */
  public @Nullable String id() {
    return id;
  }

  /** The type, never empty. */
  public String type() {
    return type;
  }

  /** The topic, or null when the event has none or the wire did not carry it. */
  public @Nullable String topic() {
    return topic;
  }

  /** Whether the payload is bytes: then {@link #bytes()} returns it, else {@link #data()}. */
  public boolean isBinary() {
    return bytes != null;
  }

  /**
   * The text, possibly empty.
   *
   * @throws IllegalStateException if the event is binary
   */
  public String data() {
    if (data == null) {
      throw new IllegalStateException("binary event has no text; read bytes()");
    }
    return data;
  }

  /**
   * A copy of the bytes, possibly empty.
   *
   * @throws IllegalStateException if the event is text
   */
  public byte[] bytes() {
    if (bytes == null) {
      throw new IllegalStateException("text event has no bytes; read data()");
    }
    return bytes.clone();
  }

  /**
   * What the event costs against a byte bound: two bytes for each character of text and one for
   * each byte, plus its other fields. An estimate of heap, equal for equal events.
   */
  public int weight() {
    long weight = 64L + 2L * type.length();
    weight += id == null ? 0 : 2L * id.length();
    weight += topic == null ? 0 : 2L * topic.length();
    weight += data != null ? 2L * data.length() : bytes != null ? bytes.length : 0;
    return (int) Math.min(Integer.MAX_VALUE, weight);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Event)) {
      return false;
    }
    Event that = (Event) other;
    return Objects.equals(id, that.id)
        && type.equals(that.type)
        && Objects.equals(topic, that.topic)
        && Objects.equals(data, that.data)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, type, topic, data) * 31 + Arrays.hashCode(bytes);
  }

  /** Names the fields but not the payload, which may be private and may be long. */
  @Override
  public String toString() {
    String size =
        bytes != null ? bytes.length + " bytes" : Objects.requireNonNull(data).length() + " chars";
    return "Event{id="
        + Printable.of(id)
        + ", type="
        + Printable.of(type)
        + ", topic="
        + Printable.of(topic)
        + ", "
        + size
        + "}";
  }
}
