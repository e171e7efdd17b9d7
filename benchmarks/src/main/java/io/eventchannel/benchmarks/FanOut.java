package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import java.util.List;

/** Brings each event to all outlets, on threads of its own. */
interface FanOut extends AutoCloseable {
  /** Takes the outlets; each gets a first write, which may hold no event. */
  void connect(List<CountingOutlet> outlets);

  /** Begins to bring an event to all, and returns it as they will see it. */
  Event publish(Event event);

  @Override
  void close();
}
