package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The plainest log: holds everything, and whoever adds an entry tells the one follower himself. */
final class FollowedLog implements EventLog {
  static final Position START = Position.parse("e-0");

  // Guarded by this.
  private final List<LogEntry> entries = new ArrayList<>();

  private volatile @Nullable TailSink follower;

  synchronized LogEntry add(String topic) {
    int number = entries.size() + 1;
    Event event = Event.of("tick", "" + number).withTopic(topic);
    LogEntry entry = new LogEntry(Position.parse("e-" + number), event);
    entries.add(entry);
    return entry;
  }

  TailSink follower() {
    return Objects.requireNonNull(follower);
  }

  /** The data of all entries of a topic. */
  synchronized List<String> of(String topic) {
    List<String> data = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (topic.equals(entry.event().topic())) {
        data.add(entry.event().data());
      }
    }
    return data;
  }

  @Override
  public CompletionStage<Position> append(Event event) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
    List<LogEntry> found = new ArrayList<>();
    Position next = START;
    for (LogEntry entry : entries) {
      boolean isNew = after.compareWithin(entry.position()) < 0;
      if (isNew && topics.test(entry.event().topic())) {
        if (found.size() == limit) {
          break;
        }
        found.add(entry);
      }
      next = entry.position();
    }
    return CompletableFuture.completedFuture(Page.of(found, next));
  }

  @Override
  public synchronized CompletionStage<Position> head() {
    return CompletableFuture.completedFuture(
        entries.isEmpty() ? START : entries.get(entries.size() - 1).position());
  }

  @Override
  public AutoCloseable subscribeTail(TailSink sink) {
    sink.onStart(START);
    follower = sink;
    return () -> {};
  }

  @Override
  public void close() {}
}
