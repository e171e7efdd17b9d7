package io.eventchannel.tck;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A sound log with places to spoil it: what is not overridden is passed on. */
class WrongEventLog implements EventLog {
  final EventLog sound;

  WrongEventLog(EventLog sound) {
    this.sound = sound;
  }

  static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Override
  public CompletionStage<Position> append(Event event) {
    return sound.append(event);
  }

  @Override
  public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
    return sound
        .read(after, topics, limit)
        .thenApply(
            page -> page.gap() == null ? page(page, after, topics) : gap(page, after, topics));
  }

  Page page(Page page, Position after, TopicFilter topics) {
    return page;
  }

  Page gap(Page page, Position after, TopicFilter topics) {
    return page;
  }

  @Override
  public CompletionStage<Position> head() {
    return sound.head();
  }

  @Override
  public AutoCloseable subscribeTail(TailSink sink) {
    return sound.subscribeTail(tail(sink));
  }

  TailSink tail(TailSink sink) {
    return sink;
  }

  @Override
  public void close() {
    sound.close();
  }

  /** Leaves out every third entry that is read. */
  static final class SkipsOnRead extends WrongEventLog {
    SkipsOnRead(EventLog sound) {
      super(sound);
    }

    @Override
    Page page(Page page, Position after, TopicFilter topics) {
      List<LogEntry> entries = new ArrayList<>(page.entries());
      entries.removeIf(entry -> entry.position().high() % 3 == 0);
      return Page.of(entries, page.next());
    }
  }

  /** Gives the last entry of a page again on the next one. */
  static final class RepeatsOnRead extends WrongEventLog {
    RepeatsOnRead(EventLog sound) {
      super(sound);
    }

    @Override
    Page page(Page page, Position after, TopicFilter topics) {
      List<LogEntry> entries = page.entries();
      return entries.size() < 2
          ? page
          : Page.of(entries, entries.get(entries.size() - 2).position());
    }
  }

  /** Answers every gap with what is left, as if nothing were missing. */
  static final class NeverGaps extends WrongEventLog {
    NeverGaps(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      return now(sound.read(page.next(), topics, 10_000));
    }
  }

  /** Tells of a gap only when more than one event is missing. */
  static final class GapsOneTooFew extends WrongEventLog {
    GapsOneTooFew(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      boolean nearly = page.next().sameEpoch(after) && page.next().high() - after.high() == 1;
      return nearly ? now(sound.read(page.next(), topics, 10_000)) : page;
    }
  }

  /** Leaves out the first entry of the page behind a gap. */
  static final class SkipsBehindGaps extends WrongEventLog {
    SkipsBehindGaps(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      Page following = page.following();
      if (following == null || following.entries().isEmpty()) {
        return page;
      }
      List<LogEntry> rest = following.entries().subList(1, following.entries().size());
      return Page.gap(page.gap(), page.next(), Page.of(rest, following.next()));
    }
  }

  /** Looks for the page behind a gap at another moment than for the gap. */
  static final class LooksTwice extends WrongEventLog {
    private Page last;

    LooksTwice(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      Page before = last != null && last.next().sameEpoch(page.next()) ? last : page;
      last = page;
      return Page.gap(page.gap(), before.next(), page.following());
    }
  }

  /** Goes on at the head after a gap, although older events are held. */
  static final class ResumesAtTheHead extends WrongEventLog {
    ResumesAtTheHead(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      return Page.gap(page.gap(), now(sound.head()));
    }
  }

  /** Leads from one gap into the next. */
  static final class GapsAgain extends WrongEventLog {
    GapsAgain(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      Position next = page.next();
      return next.high() == 0
          ? page
          : Page.gap(page.gap(), Position.of(next.epoch(), next.high() - 1));
    }
  }

  /** Takes one mark for all topics, but claims to tell exactly. */
  static final class GapsForOtherTopics extends WrongEventLog {
    GapsForOtherTopics(EventLog sound) {
      super(sound);
    }

    @Override
    Page page(Page page, Position after, TopicFilter topics) {
      Page ofAll = now(sound.read(after, TopicFilter.all(), 1));
      return ofAll.gap() == null ? page : ofAll;
    }
  }

  /** Takes a position of the future for the head. */
  static final class TrustsTheFuture extends WrongEventLog {
    TrustsTheFuture(EventLog sound) {
      super(sound);
    }

    @Override
    Page gap(Page page, Position after, TopicFilter topics) {
      return page.gap() == Gap.Reason.UNKNOWN ? Page.of(List.of(), page.next()) : page;
    }
  }

  /** Keeps one epoch for ever, whatever is lost, and so issues its positions again. */
  static final class ReusesIds extends WrongEventLog {
    ReusesIds(EventLog sound) {
      super(sound);
    }

    private static Position outward(Position position) {
      return Position.of("always", position.high());
    }

    private static LogEntry outward(LogEntry entry) {
      return new LogEntry(outward(entry.position()), entry.event());
    }

    @Override
    public CompletionStage<Position> append(Event event) {
      return sound.append(event).thenApply(ReusesIds::outward);
    }

    @Override
    public CompletionStage<Position> head() {
      return sound.head().thenApply(ReusesIds::outward);
    }

    @Override
    public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
      Position inward =
          after.epoch().equals("always")
              ? Position.of(now(sound.head()).epoch(), after.high(), after.low())
              : after;
      return sound
          .read(inward, topics, limit)
          .thenApply(
              page ->
                  page.gap() != null
                      ? Page.gap(page.gap(), outward(page.next()))
                      : Page.of(
                          page.entries().stream().map(ReusesIds::outward).toList(),
                          outward(page.next())));
    }

    @Override
    TailSink tail(TailSink sink) {
      return new PassingOn(sink) {
        @Override
        public void onStart(Position head) {
          sink.onStart(outward(head));
        }

        @Override
        public void onEntry(LogEntry entry) {
          sink.onEntry(outward(entry));
        }
      };
    }
  }

  /** Confirms an event before it can be read. */
  static final class ConfirmsTooEarly extends WrongEventLog {
    ConfirmsTooEarly(EventLog sound) {
      super(sound);
    }

    private Position visibleHead = Position.of("none", 0);

    @Override
    public synchronized CompletionStage<Position> append(Event event) {
      visibleHead = now(sound.head());
      return sound.append(event);
    }

    @Override
    synchronized Page page(Page page, Position after, TopicFilter topics) {
      List<LogEntry> entries = new ArrayList<>(page.entries());
      entries.removeIf(
          entry ->
              entry.position().sameEpoch(visibleHead)
                  && entry.position().compareWithin(visibleHead) > 0);
      boolean hidden = entries.size() < page.entries().size();
      return Page.of(entries, hidden ? visibleHead : page.next());
    }
  }

  /** Gives less on a later read than it gave before. */
  static final class LosesItsEntriesAgain extends WrongEventLog {
    LosesItsEntriesAgain(EventLog sound) {
      super(sound);
    }

    private int reads;

    @Override
    synchronized Page page(Page page, Position after, TopicFilter topics) {
      boolean shortened = ++reads % 7 == 0 && !page.entries().isEmpty();
      return shortened
          ? Page.of(page.entries().subList(1, page.entries().size()), page.next())
          : page;
    }
  }

  /** Lets an append overtake the one before it. */
  static final class AppendsOutOfOrder extends WrongEventLog {
    AppendsOutOfOrder(EventLog sound) {
      super(sound);
    }

    private Runnable held = () -> {};
    private int appends;

    @Override
    public synchronized CompletionStage<Position> append(Event event) {
      // Every tenth append waits for the next one, or for the next question to the log.
      if (++appends % 10 != 0) {
        CompletionStage<Position> stage = sound.append(event);
        flush();
        return stage;
      }
      flush();
      CompletableFuture<Position> late = new CompletableFuture<>();
      held =
          () ->
              sound
                  .append(event)
                  .whenComplete(
                      (position, failure) -> {
                        if (failure != null) {
                          late.completeExceptionally(failure);
                        } else {
                          late.complete(position);
                        }
                      });
      CompletableFuture.delayedExecutor(20, java.util.concurrent.TimeUnit.MILLISECONDS)
          .execute(this::flush);
      return late;
    }

    private synchronized void flush() {
      Runnable now = held;
      held = () -> {};
      now.run();
    }
  }

  /** Takes more than it was asked for. */
  static final class IgnoresTheLimit extends WrongEventLog {
    IgnoresTheLimit(EventLog sound) {
      super(sound);
    }

    @Override
    public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
      return sound.read(after, topics, limit == 1 ? 2 : limit);
    }
  }

  /** Reads all topics whatever is asked for. */
  static final class IgnoresTheTopics extends WrongEventLog {
    IgnoresTheTopics(EventLog sound) {
      super(sound);
    }

    @Override
    public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
      return sound.read(after, TopicFilter.all(), limit);
    }
  }

  /** Leaves every third entry out of the tail. */
  static final class TailSkips extends WrongEventLog {
    TailSkips(EventLog sound) {
      super(sound);
    }

    @Override
    TailSink tail(TailSink sink) {
      return new PassingOn(sink) {
        @Override
        public void onEntry(LogEntry entry) {
          if (entry.position().high() % 3 != 0) {
            sink.onEntry(entry);
          }
        }
      };
    }
  }

  /** Swaps neighbours in the tail. */
  static final class TailSwaps extends WrongEventLog {
    TailSwaps(EventLog sound) {
      super(sound);
    }

    @Override
    TailSink tail(TailSink sink) {
      List<LogEntry> held = new ArrayList<>();
      return new PassingOn(sink) {
        @Override
        public void onEntry(LogEntry entry) {
          held.add(0, entry);
          if (held.size() == 2 || entry.position().high() < 5) {
            held.forEach(sink::onEntry);
            held.clear();
          }
        }
      };
    }
  }

  /** Brings the first entry of the tail twice. */
  static final class TailRepeats extends WrongEventLog {
    TailRepeats(EventLog sound) {
      super(sound);
    }

    @Override
    TailSink tail(TailSink sink) {
      return new PassingOn(sink) {
        @Override
        public void onEntry(LogEntry entry) {
          sink.onEntry(entry);
          if (entry.position().high() % 10 == 4) {
            sink.onEntry(entry);
          }
        }
      };
    }
  }

  /** Says that the tail starts before the head. */
  static final class TailStartsTooEarly extends WrongEventLog {
    TailStartsTooEarly(EventLog sound) {
      super(sound);
    }

    @Override
    TailSink tail(TailSink sink) {
      return new PassingOn(sink) {
        @Override
        public void onStart(Position head) {
          sink.onStart(Position.of(head.epoch(), Math.max(0, head.high() - 1)));
        }
      };
    }
  }

  /** Never stops the tail. */
  static final class TailGoesOnAfterClose extends WrongEventLog {
    TailGoesOnAfterClose(EventLog sound) {
      super(sound);
    }

    @Override
    public AutoCloseable subscribeTail(TailSink sink) {
      sound.subscribeTail(sink);
      return () -> {};
    }
  }

  /** Calls its sinks under a lock that other calls need. */
  static final class LocksItsSinks extends WrongEventLog {
    LocksItsSinks(EventLog sound) {
      super(sound);
    }

    @Override
    public synchronized CompletionStage<Position> append(Event event) {
      return sound.append(event);
    }

    @Override
    public synchronized CompletionStage<Position> head() {
      return sound.head();
    }
  }

  /** Works on after it was closed. */
  static final class NeverCloses extends WrongEventLog {
    NeverCloses(EventLog sound) {
      super(sound);
    }

    @Override
    public void close() {}
  }

  /** Forgets to tell a sink that threw. */
  static final class DropsSinksSilently extends WrongEventLog {
    DropsSinksSilently(EventLog sound) {
      super(sound);
    }

    @Override
    TailSink tail(TailSink sink) {
      return new PassingOn(sink) {
        @Override
        public void onFailure(Throwable cause) {}
      };
    }
  }

  private static class PassingOn implements TailSink {
    final TailSink sink;

    PassingOn(TailSink sink) {
      this.sink = sink;
    }

    @Override
    public void onStart(Position head) {
      sink.onStart(head);
    }

    @Override
    public void onEntry(LogEntry entry) {
      sink.onEntry(entry);
    }

    @Override
    public void onFailure(Throwable cause) {
      sink.onFailure(cause);
    }
  }
}
