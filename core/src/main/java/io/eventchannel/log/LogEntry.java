package io.eventchannel.log;

import io.eventchannel.Event;
import java.util.Objects;

/** An event and its place in the log. The event's ID is the position's. Immutable. */
public final class LogEntry {
  private final Position position;
  private final Event event;

  /** Creates an entry; the event takes the position as its ID. */
  public LogEntry(Position position, Event event) {
    this.position = Objects.requireNonNull(position, "position");
    this.event = position.id().equals(event.id()) ? event : event.withId(position.id());
  }

  /** The place in the log. */
  public Position position() {
    return position;
  }

  /** The event, with its ID. */
  public Event event() {
    return event;
  }

  @Override
  public String toString() {
    return event.toString();
  }
}
