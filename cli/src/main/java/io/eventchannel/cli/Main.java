package io.eventchannel.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/** Entry of the runnable jar: {@code eventchannel tail URL} and {@code eventchannel send URL}. */
public final class Main {
  private static final int OK = 0;
  private static final int USAGE = 2;

  private Main() {}

  /** Runs a command and ends the process with its status. */
  public static void main(String[] args) throws InterruptedException {
    Clock clock = Clock.system(ZoneId.systemDefault());
    System.exit(run(Arrays.asList(args), System.in, System.out, System.err, clock));
  }

  /** Runs a command and returns its exit status. */
  static int run(List<String> words, InputStream in, PrintStream out, PrintStream err, Clock clock)
      throws InterruptedException {
    try {
      if (words.isEmpty()) {
        throw new UsageException("expected a command, got nothing");
      }
      List<String> rest = words.subList(1, words.size());
      switch (words.get(0)) {
        case "tail":
          TailOptions tail = TailOptions.parse(rest);
          if (tail != null) {
            return new TailCommand(tail, out, err, clock).run();
          }
          out.println(TailOptions.USAGE);
          return OK;
        case "send":
          SendOptions send = SendOptions.parse(rest);
          if (send != null) {
            return new SendCommand(send, in, out, err, clock).run();
          }
          out.println(SendOptions.USAGE);
          return OK;
        case "--help":
        case "-h":
          out.println(TailOptions.USAGE);
          out.println();
          out.println(SendOptions.USAGE);
          return OK;
        default:
          throw new UsageException("unknown command " + words.get(0));
      }
    } catch (UsageException e) {
      err.println("eventchannel: " + e.getMessage());
      err.println("try: eventchannel --help");
      return USAGE;
    }
  }
}
