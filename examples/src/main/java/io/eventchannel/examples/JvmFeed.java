package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.server.EventFeed;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordedEvent;
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

  // Written and read by the recording's one thread.
  private long allocatedSinceSample;

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
    recording.enable("jdk.ObjectAllocationSample").with("throttle", "200/s");
    recording.enable("jdk.GarbageCollection").withThreshold(Duration.ZERO);
    recording.enable("jdk.GCHeapSummary");
    recording.onEvent("jdk.CPULoad", this::onCpuLoad);
    recording.onEvent(
        "jdk.ObjectAllocationSample", sample -> allocatedSinceSample += sample.getLong("weight"));
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
    publish("allocation", load, "\"bytes\":%d", allocatedSinceSample);
    allocatedSinceSample = 0;
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
