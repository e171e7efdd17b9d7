package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.server.EventFeed;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingStream;

/**
 * Publishes what this JVM measures of itself: CPU load, allocation, garbage collections and the
 * heap after them, as JDK Flight Recorder streams it.
 *
 * <p>Every event carries a running number {@code n}, so that a reader can count what it missed and
 * what it saw twice without trusting the library that delivers it.
 */
final class JvmFeed implements AutoCloseable {
  private static final String TOPIC = "jvm";

  private final EventFeed feed;
  private final RecordingStream recording = new RecordingStream();
  private final AtomicLong number = new AtomicLong();

  // Written and read by the recording's one thread. What each thread had allocated in all, at the
  // sample before and at this one; two maps, so that threads which have ended are forgotten.
  private Map<Long, Long> before = new HashMap<>();
  private Map<Long, Long> now = new HashMap<>();
  private long allocated;

  private JvmFeed(EventFeed feed) {
    this.feed = feed;
  }

  /** Starts to publish into the feed. */
  static JvmFeed start(EventFeed feed) {
    JvmFeed source = new JvmFeed(feed);
    source.record();
    return source;
  }

  private void record() {
    // CPU load is sampled at a fixed pace, so it also paces what is summed up between two samples.
    recording.enable("jdk.CPULoad").withPeriod(Duration.ofMillis(500));
    recording.enable("jdk.ThreadAllocationStatistics").withPeriod(Duration.ofMillis(500));
    recording.enable("jdk.GarbageCollection").withThreshold(Duration.ZERO);
    recording.enable("jdk.GCHeapSummary");
    recording.onEvent("jdk.CPULoad", this::onCpuLoad);
    recording.onEvent("jdk.ThreadAllocationStatistics", this::onThreadAllocation);
    recording.onEvent("jdk.GarbageCollection", this::onCollection);
    recording.onEvent("jdk.GCHeapSummary", this::onHeap);
    // What a reader sees should be a second old at most.
    recording.setMaxAge(Duration.ofMinutes(1));
    recording.startAsync();
  }

  private void onCpuLoad(RecordedEvent load) {
    double percent = 100 * load.getFloat("machineTotal");
    double own = 100 * (load.getFloat("jvmUser") + load.getFloat("jvmSystem"));
    publish("cpu", load, "\"machine\":%.1f,\"jvm\":%.1f", percent, own);
    publish("allocation", load, "\"bytes\":%d", allocated);
    allocated = 0;
    before = now;
    now = new HashMap<>();
  }

  private void onThreadAllocation(RecordedEvent statistics) {
    RecordedThread thread = statistics.getThread("thread");
    if (thread == null) {
      return; // it ended while it was asked
    }
    long total = statistics.getLong("allocated");
    Long last = now.put(thread.getId(), total);
    if (last == null) {
      last = before.get(thread.getId());
    }
    // What a thread had allocated before it was first seen belongs to no sample.
    allocated += last == null ? 0 : total - last;
  }

  private void onCollection(RecordedEvent collection) {
    double pauseMillis = collection.getDuration("sumOfPauses").toNanos() / 1e6;
    publish(
        "gc",
        collection,
        "\"pauseMillis\":%.2f,\"name\":\"%s\"",
        pauseMillis,
        collection.getString("name"));
  }

  private void onHeap(RecordedEvent heap) {
    if (heap.getString("when").equals("After GC")) {
      publish("heap", heap, "\"used\":%d", heap.getLong("heapUsed"));
    }
  }

  private void publish(String type, RecordedEvent source, String format, Object... values) {
    String data =
        String.format(
            Locale.ROOT,
            "{\"n\":%d,\"time\":%d,%s}",
            number.incrementAndGet(),
            source.getEndTime().toEpochMilli(),
            String.format(Locale.ROOT, format, values));
    feed.publish(TOPIC, Event.of(type, data))
        .whenComplete(
            (id, failure) -> {
              if (failure != null) {
                System.err.println("not published: " + failure);
              }
            });
  }

  @Override
  public void close() {
    recording.close();
  }
}
