package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used up to now, by Linux's {@code /proc}. The time of threads that have ended
 * is in the processor time; their switches are in no sum.
 *
 * @param cpuSeconds the processor time, user and system
 * @param jitSeconds the part of it that the compilers took
 * @param voluntarySwitches how often a thread waited
 * @param involuntarySwitches how often a thread lost its processor
 */
record ProcessCost(
    double cpuSeconds, double jitSeconds, long voluntarySwitches, long involuntarySwitches) {
  private static final double TICKS = 100; // USER_HZ, the same on all systems that run this
  private static final int USER_TIME = 11; // fields behind the name, which may hold spaces
  private static final int SYSTEM_TIME = 12;

  static ProcessCost of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    double jit = 0;
    long voluntary = 0;
    long involuntary = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        try {
          String stat = Files.readString(task.resolve("stat"));
          if (stat.contains("(C1 CompilerThre") || stat.contains("(C2 CompilerThre")) {
            jit += seconds(stat);
          }
          for (String line : Files.readAllLines(task.resolve("status"))) {
            if (line.startsWith("voluntary_ctxt_switches:")) {
              voluntary += number(line);
            } else if (line.startsWith("nonvoluntary_ctxt_switches:")) {
              involuntary += number(line);
            }
          }
        } catch (IOException e) {
          // This thread has ended meanwhile.
        }
      }
    }
    return new ProcessCost(
        seconds(Files.readString(process.resolve("stat"))), jit, voluntary, involuntary);
  }

  ProcessCost since(ProcessCost before) {
    return new ProcessCost(
        cpuSeconds - before.cpuSeconds,
        jitSeconds - before.jitSeconds,
        voluntarySwitches - before.voluntarySwitches,
        involuntarySwitches - before.involuntarySwitches);
  }

  private static double seconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME])) / TICKS;
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
  }
}
