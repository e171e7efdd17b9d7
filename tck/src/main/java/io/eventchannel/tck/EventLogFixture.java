package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What the rules of {@link EventLogContract} are written with; its subclasses fill in the rest. */
abstract class EventLogFixture {
  static final int MANY = 10_000;

  private final ConcurrentLinkedQueue<EventLog> opened = new ConcurrentLinkedQueue<>();

  /** Returns a new, empty log that holds at least 20,000 small events. */
  protected abstract EventLog createLog();

  /**
   * Returns a new, empty log of which the newest {@code eventsPerTopic} events of each topic can be
   * read, and none that has three times as many newer ones of its topic.
   */
  protected abstract EventLog createLogHolding(int eventsPerTopic);

  /**
   * Returns the log as it is after the process that served {@code log} has died and another has
   * taken its place: a log in memory is a new and empty one.
   */
  protected abstract EventLog restart(EventLog log);

  /**
   * Returns another handle on the same log, as another process would have it, or null if the log
   * cannot be shared.
   */
  protected @Nullable EventLog secondHandle(EventLog log) {
    return null;
  }

  /**
   * Whether the log reports a gap only when the reader has lost something. One that cannot tell may
   * report a gap too many; a gap too few is never allowed.
   */
  protected boolean tellsGapsExactly() {
    return true;
  }

  /** How long to wait for anything before it counts as missing; 10 s unless overridden. */
  protected Duration patience() {
    return Duration.ofSeconds(10);
  }

  @AfterEach
  final void closeLogs() {
    opened.forEach(EventLog::close);
  }

  final EventLog openLog() {
    return opened(createLog());
  }

  final EventLog openLogHolding(int eventsPerTopic) {
    return opened(createLogHolding(eventsPerTopic));
  }

  final EventLog opened(EventLog log) {
    opened.add(log);
    return log;
  }

  /** Returns what a stage completes with; fails the test, naming the call, if it does not. */
  final <T> T await(String call, CompletionStage<T> stage) {
    try {
      T result = stage.toCompletableFuture().get(patience().toNanos(), TimeUnit.NANOSECONDS);
      assertNotNull(result, call + " completed with null");
      return result;
    } catch (TimeoutException late) {
      return fail(call + " did not complete within " + patience());
    } catch (ExecutionException failure) {
      return fail(call + " failed: " + failure.getCause(), failure.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return fail(call + " was interrupted");
    }
  }

  /** Returns what a stage fails with; fails the test, naming the call, if it does not fail. */
  final Throwable awaitFailure(String call, CompletionStage<?> stage) {
    try {
      Object result = stage.toCompletableFuture().get(patience().toNanos(), TimeUnit.NANOSECONDS);
      return fail(call + " was to fail, but completed with " + result);
    } catch (TimeoutException late) {
      return fail(call + " did not complete within " + patience());
    } catch (ExecutionException failure) {
      Throwable cause = failure.getCause();
      return cause == null ? failure : cause;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return fail(call + " was interrupted");
    }
  }

  final Position append(EventLog log, @Nullable String topic, String data) {
    return await("append", log.append(Event.message(data).withTopic(topic)));
  }

  /** Appends events to one topic and returns their positions. */
  final List<Position> appendMany(EventLog log, String topic, int count) {
    List<Position> positions = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      positions.add(append(log, topic, topic + i));
    }
    return positions;
  }

  final Position head(EventLog log) {
    return await("head", log.head());
  }

  final Page read(EventLog log, Position after, TopicFilter topics, int limit) {
    return await("read after " + after, log.read(after, topics, limit));
  }

  /** Reads to the head, page by page, and returns the entries; a gap on the way fails the test. */
  final List<LogEntry> readOn(EventLog log, Position after, TopicFilter topics, int limit) {
    List<LogEntry> entries = new ArrayList<>();
    Position position = after;
    Position head = head(log);
    while (entries.size() <= 2 * MANY) {
      Page page = read(log, position, topics, limit);
      if (page.gap() != null) {
        fail("INV-04: reading on after " + position + " gave a gap: " + page.gap());
      }
      if (page.entries().size() > limit) {
        fail("a page of at most " + limit + " entries has " + page.entries().size());
      }
      entries.addAll(page.entries());
      if (page.entries().isEmpty() && page.next().equals(position)) {
        return entries;
      }
      if (page.entries().isEmpty() && page.next().compareWithin(head) < 0) {
        fail(
            "an empty page after "
                + position
                + " leads to "
                + page.next()
                + ", not the head "
                + head);
      }
      if (page.next().compareWithin(position) <= 0) {
        fail("a page after " + position + " leads back to " + page.next());
      }
      position = page.next();
    }
    return fail("INV-04: reading on does not come to an end");
  }

  /** Reads after a position of which something may be lost, through a gap if there is one. */
  final List<LogEntry> readThroughGap(EventLog log, Position after, TopicFilter topics) {
    Page page = read(log, after, topics, MANY);
    return readOn(log, page.gap() == null ? after : page.next(), topics, MANY);
  }

  static TopicFilter topics(String... names) {
    return TopicFilter.of(Set.of(names));
  }

  static List<String> data(List<LogEntry> entries) {
    return entries.stream().map(entry -> entry.event().data()).toList();
  }

  static List<Position> positions(List<LogEntry> entries) {
    return entries.stream().map(LogEntry::position).toList();
  }

  static String describe(Page page) {
    Gap.Reason gap = page.gap();
    return (gap == null ? "entries " + positions(page.entries()) : "gap " + gap)
        + ", next "
        + page.next();
  }

  /** Waits until a thread of the test is through. */
  final void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join(patience().toMillis());
        if (thread.isAlive()) {
          fail(thread.getName() + " was not through within " + patience());
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
  }

  /** A sink that keeps what it is told and notes what must not happen. */
  final class RecordedTail implements TailSink {
    private final CompletableFuture<Position> start = new CompletableFuture<>();
    final BlockingQueue<LogEntry> entries = new LinkedBlockingQueue<>();
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final Set<String> faults = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean inCall = new AtomicBoolean();

    @Override
    public void onStart(Position head) {
      call(
          () -> {
            if (!start.complete(head)) {
              faults.add("onStart came twice");
            }
          });
    }

    @Override
    public void onEntry(LogEntry entry) {
      call(
          () -> {
            if (!start.isDone()) {
              faults.add("onEntry came before onStart");
            }
            entries.add(entry);
          });
    }

    @Override
    public void onFailure(Throwable cause) {
      call(() -> failures.add(cause));
    }

    private void call(Runnable body) {
      if (!inCall.compareAndSet(false, true)) {
        faults.add("two calls at once");
      }
      if (!failures.isEmpty()) {
        faults.add("a call came after onFailure");
      }
      body.run();
      inCall.set(false);
    }

    Position awaitStart() {
      return await("onStart", start);
    }

    Throwable awaitFailure() {
      return take("onFailure", failures);
    }

    List<LogEntry> awaitEntries(int count) {
      List<LogEntry> taken = new ArrayList<>();
      while (taken.size() < count) {
        taken.add(take("entry " + (taken.size() + 1) + " of " + count, entries));
      }
      return taken;
    }

    private <T> T take(String what, BlockingQueue<T> queue) {
      try {
        T next = queue.poll(patience().toNanos(), TimeUnit.NANOSECONDS);
        return next != null
            ? next
            : fail(what + " did not come within " + patience() + "; failures " + failures);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return fail("interrupted");
      }
    }

    void assertSound() {
      if (!faults.isEmpty()) {
        fail("the sink was called against the rules: " + faults);
      }
    }
  }
}
