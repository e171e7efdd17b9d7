package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a process has used up to now, by Linux's {@code /proc}.
 *
 * @param processSeconds the processor time, user and system, in hundredths of a second; that of
 *     threads that have ended is in it
 * @param threads what each living thread used
 */
record ProcessCost(double processSeconds, Map<String, OfThread> threads) {
  private static final double TICKS = 100; // USER_HZ, the same on all systems that run this
  private static final int USER_TIME = 11; // fields behind the name, which may hold spaces
  private static final int SYSTEM_TIME = 12;
  // User and system time are each cut to a hundredth, at both ends.
  private static final double RESOLUTION_SECONDS = 0.03;

  static ProcessCost of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Map<String, OfThread> threads = new HashMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        try {
          threads.put(task.getFileName().toString(), OfThread.of(task));
        } catch (IOException e) {
          // This thread has ended meanwhile.
        }
      }
    }
    return new ProcessCost(seconds(Files.readString(process.resolve("stat"))), threads);
  }

  Used since(ProcessCost before) {
    double exact = 0;
    double jit = 0;
    long voluntary = 0;
    long involuntary = 0;
    for (Map.Entry<String, OfThread> thread : threads.entrySet()) {
      OfThread now = thread.getValue();
      OfThread then = before.threads.getOrDefault(thread.getKey(), OfThread.NEW);
      double seconds = (now.nanos - then.nanos) / 1e9;
      exact += seconds;
      jit += now.isCompiler ? seconds : 0;
      voluntary += now.voluntarySwitches - then.voluntarySwitches;
      involuntary += now.involuntarySwitches - then.involuntarySwitches;
    }
    double ofProcess = processSeconds - before.processSeconds;
    // Further apart than that, threads have ended and taken along what they used.
    double all = Math.abs(ofProcess - exact) <= RESOLUTION_SECONDS ? exact : ofProcess;
    return new Used(all, jit, voluntary, involuntary);
  }

  private static double seconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME])) / TICKS;
  }

  /**
   * What was used between two moments.
   *
   * @param cpuSeconds the processor time, user and system
   * @param jitSeconds the part of it that the compilers took
   * @param voluntarySwitches how often a thread waited
   * @param involuntarySwitches how often a thread lost its processor
   */
  record Used(
      double cpuSeconds, double jitSeconds, long voluntarySwitches, long involuntarySwitches) {

    /** The processor time without that of the compilers, in microseconds. */
    double cpuMicros() {
      return (cpuSeconds - jitSeconds) * 1e6;
    }

    void addTo(JsonLine json) {
      json.add("cpu_s", cpuSeconds, 4)
          .add("cpu_jit_s", jitSeconds, 4)
          .add("vcsw", voluntarySwitches)
          .add("ivcsw", involuntarySwitches);
    }
  }

  /** What one thread has used. */
  record OfThread(
      long nanos, boolean isCompiler, long voluntarySwitches, long involuntarySwitches) {
    static final OfThread NEW = new OfThread(0, false, 0, 0);

    static OfThread of(Path task) throws IOException {
      String name = Files.readString(task.resolve("comm"));
      String[] scheduled = Files.readString(task.resolve("schedstat")).split(" ");
      long voluntary = 0;
      long involuntary = 0;
      for (String line : Files.readAllLines(task.resolve("status"))) {
        if (line.startsWith("voluntary_ctxt_switches:")) {
          voluntary = number(line);
        } else if (line.startsWith("nonvoluntary_ctxt_switches:")) {
          involuntary = number(line);
        }
      }
      boolean compiler = name.startsWith("C1 CompilerThre") || name.startsWith("C2 CompilerThre");
      return new OfThread(Long.parseLong(scheduled[0]), compiler, voluntary, involuntary);
    }

    private static long number(String line) {
      return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
    }
  }
}
