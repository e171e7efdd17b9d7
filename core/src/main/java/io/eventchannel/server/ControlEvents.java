package io.eventchannel.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.log.Position;
import org.jspecify.annotations.Nullable;

/** The events by which the protocol itself speaks. Their data is JSON, in every form alike. */
final class ControlEvents {
  /** Sent by our SSE clients to prove that they live. */
  static final String ALIVE = FieldRules.CONTROL_PREFIX + "alive";

  private ControlEvents() {}

  static Event hello(String channel, long heartbeatMillis, long ack, boolean binary) {
    return control(
        "hello",
        "{\"channel\":"
            + quoted(channel)
            + ",\"heartbeat\":"
            + heartbeatMillis
            + ",\"ack\":"
            + ack
            + ",\"binary\":"
            + binary
            + "}");
  }

  static Event position(Position position) {
    return control("position", "").withId(position.id());
  }

  /** The gap before the next event; {@code next} is the position just before that event. */
  static Event gap(Gap.Reason reason, @Nullable Position after, Position next) {
    String known = after == null ? "" : ",\"after\":" + quoted(after.id());
    return control("gap", "{\"reason\":" + quoted(reason.wireName()) + known + "}")
        .withId(next.id());
  }

  static Event goodbye(int code, String reason, long delayMillis) {
    return control(
        "goodbye",
        "{\"code\":" + code + ",\"reason\":" + quoted(reason) + ",\"delay\":" + delayMillis + "}");
  }

  static Event ack(long seq) {
    return control("ack", "{\"seq\":" + seq + "}");
  }

  static Event refused(long seq, String reason) {
    return control("refused", "{\"seq\":" + seq + ",\"reason\":" + quoted(reason) + "}");
  }

  private static Event control(String name, String data) {
    return Event.of(FieldRules.CONTROL_PREFIX + name, data);
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
