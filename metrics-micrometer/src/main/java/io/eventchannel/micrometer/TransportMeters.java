package io.eventchannel.micrometer;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The meters of one transport. Thread-safe. */
final class TransportMeters {
  private static final String CONNECTIONS = "connections";
  private static final String EVENTS = "events";

  // Protocol rule C-1, and RFC 6455, section 7.4.1.
  private static final int SLOW_CONSUMER = 4000;
  private static final int INTERNAL_ERROR = 1011;

  // Not read off the counters, which are several, so that an end is never seen before its beginning
  // for longer than one call takes.
  private final LongAdder open = new LongAdder();
  private final LongAdder stalled = new LongAdder();

  private final LongAdder openedNew;
  private final LongAdder openedAgain;
  private final Map<CloseReason.Kind, LongAdder> closed = new EnumMap<>(CloseReason.Kind.class);
  private final LongAdder closedAsSlow;
  private final LongAdder closedByError;
  private final LongAdder writes;
  private final LongAdder events;
  private final LongAdder bytes;
  private final LongAdder replayed;
  private final Map<Gap.Reason, LongAdder> gaps = new EnumMap<>(Gap.Reason.class);
  private final DistributionSummary lagInWindow;
  private final DistributionSummary lagBeyond;
  private final Timer stalls;

  /** Registers the meters. */
  TransportMeters(NewMeters made) {
    made.gauge(
        "eventchannel.connections",
        CONNECTIONS,
        "Connections that are open now",
        open,
        TransportMeters::atLeast0);
    this.openedNew = opened(made, "false");
    this.openedAgain = opened(made, "true");
    for (CloseReason.Kind kind : CloseReason.Kind.values()) {
      closed.put(kind, closed(made, kind.name().toLowerCase(Locale.ROOT)));
    }
    this.closedAsSlow = closed(made, "slow_consumer");
    this.closedByError = closed(made, "internal_error");
    this.writes =
        made.counter("eventchannel.writes", "writes", "Writes of connections, heartbeats included");
    this.events =
        made.counter(
            "eventchannel.delivered",
            EVENTS,
            "Events of the feed that were written, once for each connection");
    this.bytes = made.counter("eventchannel.written", "bytes", "What was written to connections");
    this.replayed =
        made.counter(
            "eventchannel.replayed", EVENTS, "Delivered events that their client had missed");
    for (Gap.Reason reason : Gap.Reason.values()) {
      gaps.put(
          reason,
          made.with(Tags.of("reason", reason.wireName()))
              .counter(
                  "eventchannel.gaps", "gaps", "Times a client was told that events are missing"));
    }
    this.lagInWindow = lag(made, "window");
    this.lagBeyond = lag(made, "log");
    made.gauge(
        "eventchannel.stalled",
        CONNECTIONS,
        "Connections whose write has taken a second or more now",
        stalled,
        TransportMeters::atLeast0);
    this.stalls =
        made.timer("eventchannel.stalls", "Writes that took a second or more and have ended");
  }

  private static LongAdder opened(NewMeters made, String resumed) {
    return made.with(Tags.of("resumed", resumed))
        .counter(
            "eventchannel.opened",
            CONNECTIONS,
            "Connections that were opened, by whether they resumed");
  }

  private static LongAdder closed(NewMeters made, String reason) {
    return made.with(Tags.of("reason", reason))
        .counter("eventchannel.closed", CONNECTIONS, "Connections that have ended, by reason");
  }

  private static DistributionSummary lag(NewMeters made, String source) {
    return made.with(Tags.of("source", source))
        .summary(
            "eventchannel.lag",
            EVENTS,
            "Events between a connection and the head, at each heartbeat");
  }

  /** A sum is read while others add: the end of something may be in it without its beginning. */
  private static double atLeast0(LongAdder number) {
    return Math.max(0, number.sum());
  }

  void opened(boolean resumed) {
    open.increment();
    (resumed ? openedAgain : openedNew).increment();
  }

  void closed(CloseReason reason) {
    open.decrement();
    counterOf(reason).increment();
  }

  /** The kind, but for two ends of our own that have a code; a client's code is its own choice. */
  private LongAdder counterOf(CloseReason reason) {
    if (reason.kind() == CloseReason.Kind.LOCAL && reason.code() == SLOW_CONSUMER) {
      return closedAsSlow;
    }
    if (reason.kind() == CloseReason.Kind.LOCAL && reason.code() == INTERNAL_ERROR) {
      return closedByError;
    }
    return Objects.requireNonNull(closed.get(reason.kind()));
  }

  void written(int eventsWritten, int bytesWritten) {
    writes.increment();
    bytes.add(bytesWritten);
    if (eventsWritten > 0) {
      events.add(eventsWritten);
    }
  }

  void replayed(int eventsReplayed) {
    replayed.add(eventsReplayed);
  }

  void gap(Gap.Reason reason) {
    Objects.requireNonNull(gaps.get(reason)).increment();
  }

  void lag(long eventsBehind, boolean beyondWindow) {
    (beyondWindow ? lagBeyond : lagInWindow).record((double) eventsBehind);
  }

  void stallBegan() {
    stalled.increment();
  }

  void stallEnded(long nanos) {
    stalled.decrement();
    stalls.record(nanos, TimeUnit.NANOSECONDS);
  }
}
