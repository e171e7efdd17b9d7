package io.eventchannel.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.server.EventFeed;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MicrometerServerMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MicrometerServerMetrics metrics = MicrometerServerMetrics.create(registry);

  private double counted(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void connectionsAreThoseOpenedLessThoseClosed() {
    metrics.onOpened("sse", false);
    metrics.onOpened("sse", true);
    metrics.onOpened("websocket", true);
    metrics.onClosed("sse", CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT, "silent"));

    assertEquals(1, gauge("eventchannel.connections", "transport", "sse"));
    assertEquals(1, gauge("eventchannel.connections", "transport", "websocket"));
  }

  @Test
  void openedConnectionsAreCountedByTransportAndWhetherTheyResumed() {
    metrics.onOpened("sse", false);
    metrics.onOpened("sse", true);
    metrics.onOpened("sse", true);
    metrics.onOpened("websocket", false);
    String name = "eventchannel.opened";

    assertEquals(1, counted(name, "transport", "sse", "resumed", "false"));
    assertEquals(2, counted(name, "transport", "sse", "resumed", "true"));
    assertEquals(1, counted(name, "transport", "websocket", "resumed", "false"));
    assertEquals(0, counted(name, "transport", "websocket", "resumed", "true"));
  }

  @Test
  void closedConnectionsAreCountedByTheKindOfReason() {
    metrics.onClosed("websocket", CloseReason.of(CloseReason.Kind.HEARTBEAT_TIMEOUT, "silent"));
    metrics.onClosed("websocket", CloseReason.closeCode(1000, "bye"));
    metrics.onClosed("websocket", CloseReason.closeCode(4711, "a text of the client's"));
    String name = "eventchannel.closed";

    assertEquals(1, counted(name, "transport", "websocket", "reason", "heartbeat_timeout"));
    assertEquals(2, counted(name, "transport", "websocket", "reason", "close_code"));
    assertEquals(0, counted(name, "transport", "sse", "reason", "close_code"));
  }

  @Test
  void aSlowConsumerAndAnErrorOfOursHaveReasonsOfTheirOwnThatNoClientCanChoose() {
    metrics.onClosed("sse", CloseReason.local(4000, "slow consumer"));
    metrics.onClosed("sse", CloseReason.local(4000, "slow consumer"));
    metrics.onClosed("sse", CloseReason.local(1011, "internal error"));
    metrics.onClosed("sse", CloseReason.local(1000, "done"));
    metrics.onClosed("sse", CloseReason.of(CloseReason.Kind.LOCAL, "age limit"));
    metrics.onClosed("sse", CloseReason.closeCode(4000, "as the client says"));
    metrics.onClosed("sse", CloseReason.closeCode(1011, "as the client says"));
    String name = "eventchannel.closed";

    assertEquals(2, counted(name, "transport", "sse", "reason", "slow_consumer"));
    assertEquals(1, counted(name, "transport", "sse", "reason", "internal_error"));
    assertEquals(2, counted(name, "transport", "sse", "reason", "local"));
    assertEquals(2, counted(name, "transport", "sse", "reason", "close_code"));
  }

  @Test
  void thereAreAsManyMetersAsTheirDescriptionSays() {
    assertEquals(65, registry.getMeters().size());
  }

  @Test
  void writesAreCountedWithTheirEventsAndBytes() {
    metrics.onWritten("sse", 3, 300);
    metrics.onWritten("sse", 0, 20);
    metrics.onWritten("websocket", 1, 50);

    assertEquals(2, counted("eventchannel.writes", "transport", "sse"));
    assertEquals(320, counted("eventchannel.written", "transport", "sse"));
    assertEquals(3, counted("eventchannel.delivered", "transport", "sse"));
    assertEquals(1, counted("eventchannel.writes", "transport", "websocket"));
    assertEquals(50, counted("eventchannel.written", "transport", "websocket"));
    assertEquals(1, counted("eventchannel.delivered", "transport", "websocket"));
  }

  @Test
  void replayedEventsAreCounted() {
    metrics.onReplayed("websocket", 256);
    metrics.onReplayed("websocket", 4);

    assertEquals(260, counted("eventchannel.replayed", "transport", "websocket"));
    assertEquals(0, counted("eventchannel.replayed", "transport", "sse"));
  }

  @Test
  void gapsAreCountedByReason() {
    for (Gap.Reason reason : Gap.Reason.values()) {
      metrics.onGap("sse", reason);
    }
    metrics.onGap("sse", Gap.Reason.EVICTED);

    assertEquals(2, counted("eventchannel.gaps", "transport", "sse", "reason", "evicted"));
    for (String other : List.of("epoch", "unknown", "slow", "binary")) {
      assertEquals(1, counted("eventchannel.gaps", "transport", "sse", "reason", other));
    }
  }

  @Test
  void lagIsADistributionByWhereItsEventsAreReadFrom() {
    metrics.onLag("sse", 0, false);
    metrics.onLag("sse", 10, false);
    metrics.onLag("sse", 16_384, true);
    DistributionSummary window =
        registry.get("eventchannel.lag").tags("transport", "sse", "source", "window").summary();
    DistributionSummary log =
        registry.get("eventchannel.lag").tags("transport", "sse", "source", "log").summary();

    assertEquals(2, window.count());
    assertEquals(10, window.max());
    assertEquals(1, log.count());
    assertEquals(16_384, log.totalAmount());
  }

  @Test
  void stalledConnectionsAreThoseWhoseStallHasNotEnded() {
    metrics.onStallBegan("sse");
    metrics.onStallBegan("sse");
    metrics.onStallEnded("sse", TimeUnit.SECONDS.toNanos(3));

    assertEquals(1, gauge("eventchannel.stalled", "transport", "sse"));
    Timer stalls = registry.get("eventchannel.stalls").tags("transport", "sse").timer();
    assertEquals(1, stalls.count());
    assertEquals(3, stalls.totalTime(TimeUnit.SECONDS));
  }

  @Test
  void aStallWhoseEndIsToldFirstDoesNotShowAsLessThanNone() {
    metrics.onStallEnded("sse", TimeUnit.SECONDS.toNanos(1));
    assertEquals(0, gauge("eventchannel.stalled", "transport", "sse"));
    metrics.onStallBegan("sse");
    assertEquals(0, gauge("eventchannel.stalled", "transport", "sse"));
  }

  @Test
  void publishingIsTimedByItsOutcome() {
    metrics.onPublished(TimeUnit.MILLISECONDS.toNanos(2));
    metrics.onPublished(TimeUnit.MILLISECONDS.toNanos(4));
    metrics.onPublishFailed(TimeUnit.SECONDS.toNanos(30));
    Timer success = registry.get("eventchannel.publish").tags("outcome", "success").timer();
    Timer failure = registry.get("eventchannel.publish").tags("outcome", "failure").timer();

    assertEquals(2, success.count());
    assertEquals(6, success.totalTime(TimeUnit.MILLISECONDS));
    assertEquals(1, failure.count());
    assertEquals(30, failure.totalTime(TimeUnit.SECONDS));
  }

  @Test
  void deliveryIsTimed() {
    metrics.onDelivered(TimeUnit.MICROSECONDS.toNanos(150));

    Timer delivery = registry.get("eventchannel.delivery").timer();
    assertEquals(1, delivery.count());
    assertEquals(150, delivery.totalTime(TimeUnit.MICROSECONDS));
  }

  @Test
  void everyMeterHasADescriptionAndAUnit() {
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      assertNotNull(id.getDescription(), id::toString);
      assertNotNull(id.getBaseUnit(), id::toString);
      assertTrue(id.getName().startsWith("eventchannel."), id::toString);
    }
  }

  @Test
  void allMetersAreThereFromTheBeginningAndNoTrafficAddsOne() {
    Set<String> before = ids();
    for (String transport : List.of("sse", "websocket", "something else")) {
      metrics.onOpened(transport, true);
      for (CloseReason.Kind kind : CloseReason.Kind.values()) {
        metrics.onClosed(transport, CloseReason.of(kind, "text " + kind));
      }
      metrics.onClosed(transport, CloseReason.closeCode(4999, "x"));
      metrics.onGap(transport, Gap.Reason.SLOW);
      metrics.onWritten(transport, 1, 1);
      metrics.onLag(transport, 1, true);
    }

    assertEquals(before, ids());
  }

  private Set<String> ids() {
    return registry.getMeters().stream()
        .map(meter -> meter.getId().toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theTagsOfTheCallerAreOnEveryMeter() {
    SimpleMeterRegistry tagged = new SimpleMeterRegistry();
    MicrometerServerMetrics prices =
        MicrometerServerMetrics.create(tagged, Tags.of("feed", "prices"));
    MicrometerServerMetrics orders =
        MicrometerServerMetrics.create(tagged, Tags.of("feed", "orders"));
    prices.onOpened("sse", false);
    prices.onOpened("sse", false);
    orders.onOpened("sse", false);

    for (Meter meter : tagged.getMeters()) {
      assertNotNull(meter.getId().getTag("feed"), () -> meter.getId().toString());
    }
    String name = "eventchannel.connections";
    assertEquals(2, tagged.get(name).tags("transport", "sse", "feed", "prices").gauge().value());
    assertEquals(1, tagged.get(name).tags("transport", "sse", "feed", "orders").gauge().value());
  }

  @Test
  void aSecondOneWithTheSameTagsIsRefusedAndLeavesTheFirstAlone() {
    int meters = registry.getMeters().size();
    assertThrows(IllegalStateException.class, () -> MicrometerServerMetrics.create(registry));
    metrics.onOpened("sse", false);

    assertEquals(meters, registry.getMeters().size());
    assertEquals(1, gauge("eventchannel.connections", "transport", "sse"));
  }

  @Test
  void metersWithMoreTagsAreOthers() {
    SimpleMeterRegistry common = withCommonTags();
    MicrometerServerMetrics prices =
        MicrometerServerMetrics.create(common, Tags.of("feed", "prices"));
    MicrometerServerMetrics all = MicrometerServerMetrics.create(common);
    prices.onOpened("sse", false);
    all.onOpened("sse", false);
    all.onOpened("sse", false);

    assertEquals(130, common.getMeters().size());
    double both =
        common.get("eventchannel.opened").functionCounters().stream()
            .mapToDouble(FunctionCounter::count)
            .sum();
    assertEquals(3, both);
    assertEquals(1, common.get("eventchannel.connections").tags("feed", "prices").gauge().value());
  }

  @Test
  void aSecondOneIsRefusedWhereTheRegistryAddsTagsToo() {
    SimpleMeterRegistry common = withCommonTags();
    MicrometerServerMetrics first = MicrometerServerMetrics.create(common);
    assertThrows(IllegalStateException.class, () -> MicrometerServerMetrics.create(common));
    first.onOpened("sse", false);
    assertEquals(65, common.getMeters().size());
    String name = "eventchannel.connections";
    assertEquals(1, common.get(name).tags("transport", "sse").gauge().value());

    first.close();
    assertEquals(0, common.getMeters().size());
    MicrometerServerMetrics.create(common).onOpened("sse", false);
    assertEquals(1, common.get(name).tags("transport", "sse").gauge().value());
  }

  private static SimpleMeterRegistry withCommonTags() {
    SimpleMeterRegistry common = new SimpleMeterRegistry();
    common.config().commonTags("application", "shop", "host", "a");
    return common;
  }

  @Test
  void aRegistryThatDropsATagWhichTellsTwoMetersApartIsRefusedAndKeepsNone() {
    SimpleMeterRegistry dropping = new SimpleMeterRegistry();
    dropping.config().meterFilter(MeterFilter.ignoreTags("transport"));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> MicrometerServerMetrics.create(dropping));
    assertTrue(refused.getMessage().startsWith("eventchannel."), refused::getMessage);
    assertEquals(0, dropping.getMeters().size());
  }

  @Test
  void aRegistryThatDeniesTheMetersTakesTheObject() {
    SimpleMeterRegistry denying = new SimpleMeterRegistry();
    denying.config().meterFilter(MeterFilter.denyNameStartsWith("eventchannel"));
    MicrometerServerMetrics unseen = MicrometerServerMetrics.create(denying);
    unseen.onOpened("sse", false);
    unseen.onDelivered(1);
    assertEquals(0, denying.getMeters().size());
  }

  @Test
  void aClosedOneLeavesNoMeterAndItsNamesToOthers() {
    registry.counter("mine").increment();
    metrics.close();
    metrics.close();
    metrics.onOpened("sse", false);
    assertEquals(1, registry.getMeters().size());

    MicrometerServerMetrics next = MicrometerServerMetrics.create(registry);
    next.onOpened("sse", false);
    assertEquals(1, gauge("eventchannel.connections", "transport", "sse"));
  }

  @Test
  void aFeedTellsThem() {
    try (EventFeed feed = EventFeed.builder().metrics(metrics).build()) {
      feed.publish("prices", Event.of("tick", "1")).toCompletableFuture().join();
    }

    Timer published = registry.get("eventchannel.publish").tags("outcome", "success").timer();
    assertEquals(1, published.count());
    assertFalse(published.totalTime(TimeUnit.NANOSECONDS) < 0);
  }
}
