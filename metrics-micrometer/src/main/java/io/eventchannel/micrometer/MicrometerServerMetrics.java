package io.eventchannel.micrometer;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import io.eventchannel.server.ServerMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Shows what a feed and its connections do in a Micrometer registry: give it to {@code
 * EventFeed.builder().metrics(…)}. The meters and what to watch are in {@code docs/metrics.md}.
 *
 * <p>All meters are there from the beginning, with zeros, and their number is fixed: the tags are
 * the transport, the reason of an end or a gap, and what the caller adds. A write costs a few
 * additions to {@code LongAdder}s, whatever the registry; reading is left to the registry.
 *
 * <p>One object may serve several feeds, which are then added up. For figures of each feed make one
 * for each, with tags of its own. The registry holds what is read on demand by a weak reference;
 * the feed keeps it alive.
 *
 * <p>Thread-safe; no method blocks.
 */
public final class MicrometerServerMetrics implements ServerMetrics, AutoCloseable {
  // Held while one is made, so that two at once cannot both find their meters new.
  private static final Object CREATION = new Object();

  private final MeterRegistry registry;
  private final List<Meter> meters;
  private final TransportMeters sse;
  private final TransportMeters webSocket;
  private final Timer published;
  private final Timer publishFailed;
  private final Timer delivery;

  private MicrometerServerMetrics(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    NewMeters made = new NewMeters(registry, tags);
    this.sse = new TransportMeters(made.with(Tags.of("transport", "sse")));
    this.webSocket = new TransportMeters(made.with(Tags.of("transport", "websocket")));
    this.published =
        made.with(Tags.of("outcome", "success"))
            .timer("eventchannel.publish", "From the call of publish to the answer of the log");
    this.publishFailed =
        made.with(Tags.of("outcome", "failure"))
            .timer("eventchannel.publish", "From the call of publish to the answer of the log");
    this.delivery =
        made.timer(
            "eventchannel.delivery",
            "From the log to a connection that waited for the event; sampled");
    this.meters = made.all();
  }

  /**
   * Returns metrics in a registry, without further tags.
   *
   * @throws IllegalStateException as {@link #create(MeterRegistry, Iterable)}
   */
  public static MicrometerServerMetrics create(MeterRegistry registry) {
    return create(registry, Collections.emptyList());
  }

  /**
   * Returns metrics in a registry.
   *
   * @param tags added to every meter, such as the name of the feed; the same names for each feed,
   *     or some registries refuse them
   * @throws IllegalStateException if the registry has a meter of the same name and the same tags
   *     already, those counted that its filters add or drop: its numbers would be another's
   */
  public static MicrometerServerMetrics create(
      MeterRegistry registry, Iterable<? extends Tag> tags) {
    Objects.requireNonNull(registry, "registry");
    synchronized (CREATION) {
      return new MicrometerServerMetrics(registry, Tags.of(tags));
    }
  }

  /**
   * Takes the meters out of the registry, so that others may take their names. What is told
   * afterwards is counted nowhere. Idempotent.
   */
  @Override
  public void close() {
    for (Meter meter : meters) {
      registry.remove(meter);
    }
  }

  private TransportMeters of(String transport) {
    return "sse".equals(transport) ? sse : webSocket;
  }

  @Override
  public void onPublished(long nanos) {
    published.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onPublishFailed(long nanos) {
    publishFailed.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void onOpened(String transport, boolean resumed) {
    of(transport).opened(resumed);
  }

  @Override
  public void onClosed(String transport, CloseReason reason) {
    of(transport).closed(reason);
  }

  @Override
  public void onWritten(String transport, int events, int bytes) {
    of(transport).written(events, bytes);
  }

  @Override
  public void onReplayed(String transport, int events) {
    of(transport).replayed(events);
  }

  @Override
  public void onGap(String transport, Gap.Reason reason) {
    of(transport).gap(reason);
  }

  @Override
  public void onLag(String transport, long events, boolean beyondWindow) {
    of(transport).lag(events, beyondWindow);
  }

  @Override
  public void onStallBegan(String transport) {
    of(transport).stallBegan();
  }

  @Override
  public void onStallEnded(String transport, long nanos) {
    of(transport).stallEnded(nanos);
  }

  @Override
  public void onDelivered(long nanos) {
    delivery.record(nanos, TimeUnit.NANOSECONDS);
  }
}
