package io.eventchannel.codec;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events by which the protocol itself speaks; {@link ControlData} reads them. Their data
 * is JSON, in every form alike. Stateless.
 */
public final class ControlEvents {
  private ControlEvents() {}

  /**
   * Returns the introduction of a server.
   *
   * @param ack the number up to which what the client sent is decided
   * @param attached whether this is the channel that the client asked for
   * @param binary whether the connection carries binary events
   */
  public static Event hello(
      String channel, long heartbeatMillis, long ack, boolean attached, boolean binary) {
    return Event.of(
        ControlData.HELLO,
        "{\"channel\":"
            + quoted(channel)
            + ",\"heartbeat\":"
            + heartbeatMillis
            + ",\"ack\":"
            + ack
            + ",\"attached\":"
            + attached
            + ",\"binary\":"
            + binary
            + "}");
  }

  /** Returns the event that moves the position to {@code id} and nothing else. */
  public static Event position(String id) {
    return Event.of(ControlData.POSITION, "").withId(id);
  }

  /**
   * Returns the gap before the next event.
   *
   * @param after the position up to which nothing was missed, or null if there was none
   * @param next the position just before the next event
   */
  public static Event gap(Gap.Reason reason, @Nullable String after, String next) {
    String known = after == null ? "" : ",\"after\":" + quoted(after);
    return Event.of(ControlData.GAP, "{\"reason\":" + quoted(reason.wireName()) + known + "}")
        .withId(next);
  }

  /**
   * Returns the gap of a conflation (protocol rule G-4): of the events behind {@code after} and up
   * to {@code until} only the newest of each key are sure to come.
   *
   * @param next the position just before the next event
   */
  public static Event slowGap(String after, String until, String next) {
    return Event.of(
            ControlData.GAP,
            "{\"reason\":"
                + quoted(Gap.Reason.SLOW.wireName())
                + ",\"after\":"
                + quoted(after)
                + ",\"until\":"
                + quoted(until)
                + "}")
        .withId(next);
  }

  /** Returns the explanation of the end that follows: a close code, a reason, and a delay. */
  public static Event goodbye(int code, String reason, long delayMillis) {
    return Event.of(
        ControlData.GOODBYE,
        "{\"code\":" + code + ",\"reason\":" + quoted(reason) + ",\"delay\":" + delayMillis + "}");
  }

  /** Returns the decision on every sent event up to {@code seq}. */
  public static Event ack(long seq) {
    return Event.of(ControlData.ACK, "{\"seq\":" + seq + "}");
  }

  /** Returns the refusal of one sent event. */
  public static Event refused(long seq, String reason) {
    return Event.of(ControlData.REFUSED, "{\"seq\":" + seq + ",\"reason\":" + quoted(reason) + "}");
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
