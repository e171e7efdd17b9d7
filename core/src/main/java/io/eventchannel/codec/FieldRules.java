package io.eventchannel.codec;

import io.eventchannel.Event;

/** What may stand in the fields of an event that leaves this process (protocol rules E-1 to E-3). */
public final class FieldRules {
  /** Prefix of the types that belong to the protocol. */
  public static final String CONTROL_PREFIX = "eventchannel.";

  private FieldRules() {}

  /**
   * Checks an event that an application publishes or sends.
   *
   * @throws IllegalArgumentException if the type or topic holds CR, LF, NUL, the topic is not
   *     {@code [A-Za-z0-9._:/-]{1,200}}, or the type begins with {@value #CONTROL_PREFIX}
   */
  public static void checkApplicationEvent(Event event) {
    throw new UnsupportedOperationException();
  }

  /** Whether the text is a topic: {@code [A-Za-z0-9._:/-]{1,200}} (protocol rule T-1). */
  public static boolean isTopic(String text) {
    throw new UnsupportedOperationException();
  }
}
