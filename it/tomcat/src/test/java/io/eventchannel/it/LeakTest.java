package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.EventChannel;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ten thousand channels, closed at every moment of their lives. The server runs in a process of its
 * own, so whatever is left in this one is the client's.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LeakTest {
  private static final int ROUNDS = 5;
  private static final int WAVE = 60;
  private static final int WARM_UP_WAVE = 3;
  private static final int EVENTS_BEHIND = 400;

  // Of the rounds after the first. The smallest leak, an object of one field, would be as much.
  private static final long MOST_BYTES_PER_CHANNEL = 16;

  // OkHttp's own, shared by all of the process, which end when they were idle for a minute.
  private static final String TASK_RUNNER = "OkHttp TaskRunner";

  @Test
  void INV_30_INV_31_F29_F30_tenThousandChannelsClosedAtEveryMomentLeaveNothingBehind()
      throws Exception {
    long begin = System.nanoTime();
    try (FeedProcess feed = FeedProcess.start()) {
      try (CountedClients clients = new CountedClients()) { // loads and starts what stays
        round(clients, feed, WARM_UP_WAVE);
      }
      awaitEndOfThreads();
      Map<String, Integer> threadsBefore = threads();
      long filesBefore = openFiles();

      int channels = 0;
      long heapAfterFirst = 0;
      long heapAfterLast = 0;
      try (CountedClients clients = new CountedClients()) {
        for (int round = 0; round < ROUNDS; round++) {
          List<WeakReference<EventChannel>> closed = round(clients, feed, WAVE);
          channels += closed.size();
          awaitUnreachable(closed);
          heapAfterLast = usedHeap();
          heapAfterFirst = round == 0 ? heapAfterLast : heapAfterFirst;
        }
      }
      awaitEndOfThreads();
      Map<String, Integer> threadsAfter = threads();
      System.out.printf(
          "%d channels in %d s; heap %,d bytes after the first round, %,d after the last; files %d,"
              + " then %d; threads %s, then %s%n",
          channels,
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
          heapAfterFirst,
          heapAfterLast,
          filesBefore,
          openFiles(),
          threadsBefore,
          threadsAfter);

      assertTrue(channels >= 10_000, () -> "too few channels");
      FeedServer.await(
          () -> openFiles() <= filesBefore, () -> openFiles() + " files, before " + filesBefore);
      int runners = threadsAfter.getOrDefault(TASK_RUNNER, 0);
      assertTrue(runners <= 2 * WAVE, () -> "threads of OkHttp's that grow with the channels");
      threadsBefore.remove(TASK_RUNNER);
      threadsAfter.remove(TASK_RUNNER);
      assertEquals(threadsBefore, threadsAfter);
      long growth = heapAfterLast - heapAfterFirst;
      long most = MOST_BYTES_PER_CHANNEL * (channels - channels / ROUNDS);
      assertTrue(growth <= most, () -> "the heap grew by " + growth + " bytes, at most " + most);
    }
  }

  /** Closes channels over both transports at every moment, and returns them. */
  private static List<WeakReference<EventChannel>> round(
      CountedClients clients, FeedProcess feed, int size) throws Exception {
    String firstId = feed.publish(0);
    for (int number = 1; number <= EVENTS_BEHIND; number++) {
      feed.publish(number);
    }
    List<ClosingWave> waves = new ArrayList<>();
    for (CloseMoment moment : CloseMoment.values()) {
      for (String transport : List.of(Transport.WEBSOCKET, Transport.SSE)) {
        ClosingWave wave = new ClosingWave(clients, feed, transport, size);
        waves.add(wave);
        try {
          moment.run(wave, firstId);
          wave.assertGone();
        } catch (AssertionError failed) {
          throw new AssertionError(moment + " over " + wave, failed);
        }
      }
    }
    waves.forEach(ClosingWave::check); // nothing came after onClosed, however late
    return waves.stream().flatMap(wave -> wave.forget().stream()).toList();
  }

  /** Waits until nobody holds any of the channels: no registry, timer, thread or queue. */
  private static void awaitUnreachable(List<WeakReference<EventChannel>> closed) {
    FeedServer.await(
        () -> {
          System.gc();
          return closed.stream().allMatch(channel -> channel.get() == null);
        },
        () ->
            closed.stream().filter(channel -> channel.get() != null).count()
                + " closed channels are still reachable");
  }

  /** The least that repeated collections leave. */
  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private static void awaitEndOfThreads() {
    FeedServer.await(
        () ->
            threads().keySet().stream()
                .noneMatch(name -> name.startsWith("eventchannel") || name.startsWith("counted")),
        () -> "threads: " + threads());
  }

  /** How many threads there are of each name, numbers left out. */
  private static Map<String, Integer> threads() {
    Map<String, Integer> threads = new TreeMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      threads.merge(thread.getName().replaceAll("[0-9]+", ""), 1, Integer::sum);
    }
    return threads;
  }

  /** How many files and sockets the process has open; 0 where the system does not say. */
  private static long openFiles() {
    Path files = Path.of("/proc/self/fd");
    if (!Files.isDirectory(files)) {
      return 0;
    }
    try (Stream<Path> open = Files.list(files)) {
      return open.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
