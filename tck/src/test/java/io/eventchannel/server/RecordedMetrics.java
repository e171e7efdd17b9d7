package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is told, one line each by kind; used by one thread. */
final class RecordedMetrics implements ServerMetrics {
  private final List<String> lines = new ArrayList<>();
  long writes;
  long events;
  long bytes;
  long replayed;

  private void add(String line) {
    lines.add(line);
  }

  /** What came since the last call whose first word is this. */
  List<String> taken(String kind) {
    List<String> found = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(kind + " ")) {
        found.add(line);
      }
    }
    lines.removeAll(found);
    return found;
  }

  @Override
  public void onPublished(long nanos) {
    add("published " + nanos / 1_000_000);
  }

  @Override
  public void onPublishFailed(long nanos) {
    add("failed " + nanos / 1_000_000);
  }

  @Override
  public void onOpened(String transport, boolean resumed) {
    add("connection " + transport + (resumed ? " resumed" : " new"));
  }

  @Override
  public void onClosed(String transport, CloseReason reason) {
    add("connection " + transport + " closed " + reason.kind());
  }

  @Override
  public void onWritten(String transport, int eventsWritten, int bytesWritten) {
    writes++;
    events += eventsWritten;
    bytes += bytesWritten;
    add("written " + transport + " " + eventsWritten);
  }

  @Override
  public void onReplayed(String transport, int eventsReplayed) {
    replayed += eventsReplayed;
    add("replayed " + transport + " " + eventsReplayed);
  }

  @Override
  public void onGap(String transport, Gap.Reason reason) {
    add("gap " + transport + " " + reason);
  }

  @Override
  public void onLag(String transport, long eventsBehind, boolean beyondWindow) {
    add("lag " + transport + " " + eventsBehind + (beyondWindow ? " or more" : ""));
  }

  @Override
  public void onStallBegan(String transport) {
    add("stall " + transport + " began");
  }

  @Override
  public void onStallEnded(String transport, long nanos) {
    add("stall " + transport + " ended after " + nanos / 1_000_000);
  }

  @Override
  public void onDelivered(long nanos) {
    add("delivered " + nanos / 1_000_000);
  }
}
