package io.eventchannel.it;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Everything of ours that somebody may print: what our loggers are given from now on, at any level,
 * and what a test adds. What a container logs is its own.
 */
final class Printed implements AutoCloseable {
  private final List<String> all = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger ours = Logger.getLogger("io.eventchannel");
  private final @Nullable Level before = ours.getLevel();
  private final Handler ear =
      new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
          all.add("log " + record.getMessage() + Arrays.toString(record.getParameters()));
          lines.add(formatter.formatMessage(record));
          if (record.getThrown() != null) {
            add(record.getThrown());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  Printed() {
    ear.setLevel(Level.ALL);
    ours.setLevel(Level.ALL);
    ours.addHandler(ear);
  }

  void add(String text) {
    all.add(text);
    lines.add(text);
  }

  void add(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    all.add(trace.toString());
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      lines.add(each.toString());
    }
  }

  /** All of it, each exception with its trace. */
  List<String> all() {
    return new ArrayList<>(all);
  }

  /** What has to be a line each: messages as a log shows them, and exceptions without traces. */
  List<String> lines() {
    return new ArrayList<>(lines);
  }

  @Override
  public void close() {
    ours.removeHandler(ear);
    ours.setLevel(before);
  }
}
