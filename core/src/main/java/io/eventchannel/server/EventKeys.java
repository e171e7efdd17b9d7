package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a feed that conflates knows its events by: two of the same key are versions of the same
 * thing, of which a slow consumer needs the newest. Thread-safe.
 */
final class EventKeys {
  private static final Logger LOGGER = System.getLogger(EventKeys.class.getName());

  private final @Nullable Function<? super Event, ? extends @Nullable String> function;
  private final AtomicBoolean failed = new AtomicBoolean();

  private EventKeys(@Nullable Function<? super Event, ? extends @Nullable String> function) {
    this.function = function;
  }

  /** Returns the keys by which a policy conflates, or null if it does not. */
  static @Nullable EventKeys of(SlowConsumerPolicy policy) {
    return policy.isConflate() ? new EventKeys(policy.key()) : null;
  }

  /** Whether the topic is the key, so that a {@link Run} knows the next event of it. */
  boolean areTopics() {
    return function == null;
  }

  /** The key of an event, or null if the event is kept whatever follows. */
  @Nullable String of(Event event) {
    if (function == null) {
      return event.topic();
    }
    try {
      return function.apply(event);
    } catch (Throwable e) { // an Error of the function must not end every slow connection
      if (failed.compareAndSet(false, true)) {
        LOGGER.log(
            Level.WARNING,
            "The key function of the slow consumer policy failed; events without a key are kept."
                + " Told once for each feed",
            e);
      }
      return null;
    }
  }
}
