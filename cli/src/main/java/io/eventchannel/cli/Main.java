package io.eventchannel.cli;

import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/** Entry of the runnable jar: {@code eventchannel tail URL}. */
public final class Main {
  private static final int OK = 0;
  private static final int USAGE = 2;

  private Main() {}

  /** Runs a command and ends the process with its status. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(
        run(Arrays.asList(args), System.out, System.err, Clock.system(ZoneId.systemDefault())));
  }

  /** Runs a command and returns its exit status. */
  static int run(List<String> words, PrintStream out, PrintStream err, Clock clock)
      throws InterruptedException {
    try {
      if (words.isEmpty()) {
        throw new UsageException("expected a command, got nothing");
      }
      switch (words.get(0)) {
        case "tail":
          TailOptions options = TailOptions.parse(words.subList(1, words.size()));
          if (options != null) {
            return new TailCommand(options, out, err, clock).run();
          }
          out.println(TailOptions.USAGE);
          return OK;
        case "--help":
        case "-h":
          out.println(TailOptions.USAGE);
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
