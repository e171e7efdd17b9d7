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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ten thousand channels, closed at every moment of their lives. The server runs in a process of its
 * own, so whatever is left in this one is the client's.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LeakTest {
  private static final int MORE_ROUNDS = 4;
  private static final int WAVE = 60;
  private static final int EVENTS_BEHIND = 400;

  // The smallest object that could be left of a channel.
  private static final long MOST_BYTES_PER_CHANNEL = 16;

  // What differs from run to run whatever the number of channels, three times as many included:
  // idle threads, pooled buffers. Seen were 30 to 330 KB.
  private static final long MOST_BYTES_OF_NO_CHANNEL = 512 * 1024;

  // Ours, and those of OkHttp's that are at a task: meanwhile they bear its name.
  private static final Pattern AT_WORK =
      Pattern.compile("eventchannel-(?!shared-timer)|counted-timer|OkHttp (?!TaskRunner)");

  // Shared by all of the process, and ended when they were idle for half a minute or a minute: one
  // thread of ours, and those of OkHttp's.
  private static final Pattern SHARED =
      Pattern.compile("eventchannel-shared-timer|Okio Watchdog|OkHttp TaskRunner");
  private static final String TASK_RUNNER = "OkHttp TaskRunner";

  @Test
  void INV_30_INV_31_F29_F30_tenThousandChannelsClosedAtEveryMomentLeaveNothingBehind()
      throws Exception {
    long begin = System.nanoTime();
    try (FeedProcess feed = FeedProcess.start()) {
      // The first channels load and start what stays for all of them.
      Map<String, Integer> threadsAtFirst = threads(); // those of other tests, too
      int first = rounds(feed, 1);
      awaitEndOfThreads(threadsAtFirst);
      Map<String, Integer> threadsBefore = threads();
      long filesBefore = openFiles();
      long heapBefore = usedHeap();

      int more = rounds(feed, MORE_ROUNDS);
      awaitEndOfThreads(threadsBefore);
      Map<String, Integer> threadsAfter = threads();
      long growth = usedHeap() - heapBefore;
      System.out.printf(
          "%d channels, then %d more, in %d s; the heap grew by %,d bytes; files %d, then %d;"
              + " threads %s, then %s%n",
          first,
          more,
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
          growth,
          filesBefore,
          openFiles(),
          threadsBefore,
          threadsAfter);

      assertTrue(first + more >= 10_000, "too few channels");
      FeedServer.await(
          () -> openFiles() <= filesBefore, () -> openFiles() + " files, before " + filesBefore);
      int runners = threadsAfter.getOrDefault(TASK_RUNNER, 0);
      assertEquals(List.of(), more(threadsBefore, threadsAfter), "threads");
      assertTrue(runners <= 2 * WAVE, () -> "threads of OkHttp's that grow with the channels");
      long most = MOST_BYTES_OF_NO_CHANNEL + MOST_BYTES_PER_CHANNEL * more;
      assertTrue(growth <= most, () -> "the heap grew by " + growth + " bytes, at most " + most);
    }
  }

  /** Opens and closes channels of clients that stay, which are closed at last; returns how many. */
  private static int rounds(FeedProcess feed, int count) throws Exception {
    int channels = 0;
    try (CountedClients clients = new CountedClients()) {
      for (int round = 0; round < count; round++) {
        List<WeakReference<EventChannel>> closed = round(clients, feed);
        awaitUnreachable(closed);
        channels += closed.size();
      }
    }
    return channels;
  }

  /** Closes channels over both transports at every moment, and returns them. */
  private static List<WeakReference<EventChannel>> round(CountedClients clients, FeedProcess feed)
      throws Exception {
    String firstId = feed.publish(0);
    for (int number = 1; number <= EVENTS_BEHIND; number++) {
      feed.publish(number);
    }
    List<ClosingWave> waves = new ArrayList<>();
    for (CloseMoment moment : CloseMoment.values()) {
      for (String transport : List.of(Transport.WEBSOCKET, Transport.SSE)) {
        ClosingWave wave = new ClosingWave(clients, feed, transport, WAVE);
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

  /** Waits until no more threads are at work than before; else tells where each is. */
  private static void awaitEndOfThreads(Map<String, Integer> before) {
    FeedServer.await(
        () ->
            threads().entrySet().stream()
                .filter(group -> AT_WORK.matcher(group.getKey()).lookingAt())
                .allMatch(group -> group.getValue() <= before.getOrDefault(group.getKey(), 0)),
        () -> "threads before " + before + ", now " + threads() + ", at work: " + stacks());
  }

  private static String stacks() {
    StringBuilder stacks = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              if (AT_WORK.matcher(thread.getName()).lookingAt()) {
                stacks.append("\n").append(thread.getName());
                for (StackTraceElement frame : frames) {
                  stacks.append("\n  at ").append(frame);
                }
              }
            });
    return stacks.toString();
  }

  /** The names of which there are more threads now. */
  private static List<String> more(Map<String, Integer> before, Map<String, Integer> after) {
    return after.keySet().stream()
        .filter(name -> !SHARED.matcher(name).matches())
        .filter(name -> after.get(name) > before.getOrDefault(name, 0))
        .toList();
  }

  /** How many threads there are of each name, numbers left out. */
  private static Map<String, Integer> threads() {
    Map<String, Integer> threads = new TreeMap<>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              String name = isIdle(frames) ? TASK_RUNNER : thread.getName();
              threads.merge(name.replaceAll("[0-9]+", ""), 1, Integer::sum);
            });
    return threads;
  }

  /** Whether it is one of OkHttp's that waits for a task: it still bears the last one's name. */
  private static boolean isIdle(StackTraceElement[] frames) {
    return Arrays.stream(frames).anyMatch(frame -> frame.getMethodName().equals("awaitTaskToRun"));
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
