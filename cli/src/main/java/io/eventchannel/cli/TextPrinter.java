package io.eventchannel.cli;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Prints events for people: one line each, further lines of data indented. */
final class TextPrinter implements EventChannelListener {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);

  private final PrintStream out;
  private final PrintStream err;
  private final Clock clock;

  TextPrinter(PrintStream out, PrintStream err, Clock clock) {
    this.out = out;
    this.err = err;
    this.clock = clock;
  }

  @Override
  public void onOpen(EventChannel channel) {
    note("open over " + channel.transport());
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    StringBuilder line = new StringBuilder(time());
    line.append("  ").append(event.id() == null ? "-" : printable(event.id()));
    line.append("  ").append(printable(event.type()));
    String topic = event.topic();
    if (topic != null) {
      line.append("  [").append(topic).append(']');
    }
    line.append("  ");
    if (event.isBinary()) {
      line.append('(').append(event.bytes().length).append(" bytes)");
    } else {
      line.append(printable(event.data()));
    }
    out.println(line);
    out.flush();
  }

  @Override
  public void onGap(EventChannel channel, Gap gap) {
    note("gap (" + gap.reason().wireName() + "): events are missing after " + gap.missedAfter());
  }

  @Override
  public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
    note("lost: " + reason + "; next attempt in " + seconds(retryDelay));
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    note("closed: " + reason);
  }

  private void note(String text) {
    err.println(time() + "  " + printable(text));
    err.flush();
  }

  private String time() {
    return clock.instant().atZone(clock.getZone()).format(TIME);
  }

  private static String seconds(Duration delay) {
    return String.format(Locale.ROOT, "%.1f s", delay.toMillis() / 1000.0);
  }

  /** Line ends indent what follows; other control characters must not reach the terminal. */
  private static String printable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        clean.append(System.lineSeparator()).append("    ");
      } else if (c == '\t' || !Character.isISOControl(c)) {
        clean.append(c);
      } else {
        clean.append('\uFFFD');
      }
    }
    return clean.toString();
  }
}
