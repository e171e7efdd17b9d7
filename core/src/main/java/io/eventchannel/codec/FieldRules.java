package io.eventchannel.codec;

import io.eventchannel.Event;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in the fields of an event that leaves this process (protocol rules E-1 to E-3).
 */
public final class FieldRules {
  /** Prefix of the types that belong to the protocol. */
  public static final String CONTROL_PREFIX = "eventchannel.";

  static final String TOPIC_FORM = "[A-Za-z0-9._:/-]{1,200}";

  private static final int MAX_TOPIC_LENGTH = 200;
  private static final int MAX_CHANNEL_ID_LENGTH = 64;

  private FieldRules() {}

  /**
   * Checks an event that an application publishes or sends.
   *
   * @throws IllegalArgumentException if the id, type or topic holds CR, LF or NUL, the topic is not
   *     {@code [A-Za-z0-9._:/-]{1,200}}, or the type begins with {@value #CONTROL_PREFIX}
   */
  public static void checkApplicationEvent(Event event) {
    checkTravels(event);
    if (event.type().startsWith(CONTROL_PREFIX)) {
      throw new IllegalArgumentException(
          "event type: expected one of the application, got "
              + quote(event.type())
              + ", whose prefix "
              + CONTROL_PREFIX
              + " belongs to the protocol");
    }
  }

  /** Whether the text is a topic: {@code [A-Za-z0-9._:/-]{1,200}} (protocol rule T-1). */
  public static boolean isTopic(String text) {
    int length = text.length();
    if (length < 1 || length > MAX_TOPIC_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (!isTopicCharacter(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the text may be a channel's ID: {@code [A-Za-z0-9._-]{1,64}}, which any header carries.
   * Ours are 22 characters; an endpoint of another make may count otherwise.
   */
  public static boolean isChannelId(String text) {
    int length = text.length();
    if (length < 1 || length > MAX_CHANNEL_ID_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!isTopicCharacter(c) || c == '/' || c == ':') {
        return false;
      }
    }
    return true;
  }

  private static boolean isTopicCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= '-' && c <= ':') // - . / 0-9 :
        || (c >= 'A' && c <= 'Z')
        || c == '_';
  }

  /** Checks what holds for every event on the wire, those of the protocol too (rule E-2). */
  static void checkTravels(Event event) {
    checkOneLine("event id", event.id());
    checkOneLine("event type", event.type());
    String topic = event.topic();
    if (topic != null && !isTopic(topic)) {
      throw new IllegalArgumentException("topic: expected " + TOPIC_FORM + ", got " + quote(topic));
    }
  }

  private static void checkOneLine(String name, @Nullable String value) {
    if (value != null && breaksLine(value)) {
      throw new IllegalArgumentException(name + ": expected no CR, LF or NUL, got " + quote(value));
    }
  }

  /**
   * Whether the text holds CR, LF or NUL, which would end a field, or the whole event, early
   * (protocol rule E-2).
   */
  public static boolean breaksLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\r' || c == '\0') {
        return true;
      }
    }
    return false;
  }

  /** Returns the beginning of a foreign text in a form that is safe to print and to log. */
  public static String quote(String text) {
    int shown = Math.min(text.length(), 32);
    StringBuilder quoted = new StringBuilder(shown + 5).append('"');
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      quoted.append(c >= 0x20 && c < 0x7F && c != '"' ? c : '?');
    }
    return quoted.append(shown < text.length() ? "...\"" : "\"").toString();
  }
}
