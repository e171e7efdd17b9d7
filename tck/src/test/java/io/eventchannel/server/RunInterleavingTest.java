package io.eventchannel.server;

import io.eventchannel.Event;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Position;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.tck.Interleavings;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The one writer of a run against readers without a lock, in every order of their steps. */
@Tag("interleaving")
class RunInterleavingTest {
  private static final int MOST = 16;
  private static final Position[] AT = new Position[MOST];
  private static final LogEntry[] ENTRIES = new LogEntry[MOST];
  private static final int[] SIZES = new int[MOST]; // by index in the run, as the other by position
  private static final int SCHEDULES = 80;

  static {
    for (int i = 0; i < MOST; i++) {
      AT[i] = Position.parse("e-" + i);
      // Topics a, b, a, a, b, a, ...: neighbours of one topic, and others between.
      String topic = i % 3 == 2 ? "b" : "a";
      ENTRIES[i] = new LogEntry(AT[i], Event.of("tick", "" + i).withTopic(topic));
      if (i > 0) {
        SIZES[i - 1] = SseEncoder.encode(ENTRIES[i].event(), WireFormat.SSE).length;
      }
    }
  }

  @Test
  void INV_05_aReaderOfTheWindowSeesTheEntryItAskedForOrThatItIsEvicted() {
    explore(Entries.class, "", "append append", "read(0) read(1)");
    explore(Entries.class, "append append", "append", "read(0) read(0)");
    explore(Entries.class, "append append", "append append", "read(1) read(2)");
  }

  @Test
  void INV_04_aReaderOfTheWindowFollowsATopicAndFindsAPositionWhateverTheWriterDoes() {
    explore(Entries.class, "append append append", "append", "follow(2) follow(2)");
    explore(Entries.class, "append append", "append append", "join(1) join(2)");
    explore(Entries.class, "append", "append append", "join(3) join(0)");
  }

  @Test
  void INV_10_aBatchIsReadWithoutAHoleWhateverTheWriterDoes() {
    explore(Batches.class, "append", "append append", "readAll(0) readAll(1)");
    explore(Batches.class, "append append", "append append", "readOneTopic(0) readOneTopic(2)");
    explore(Batches.class, "append append", "readAll(0) append", "readAll(1) readOneTopic(0)");
  }

  private static void explore(Class<?> operations, String first, String... threads) {
    Interleavings.options(
            0, SCHEDULES, Event.class, Position.class, LogEntry.class, SseEncoder.class)
        .addCustomScenario(Interleavings.scenario(operations, first, threads))
        .check(operations);
  }

  private static String topic(long index) {
    return ENTRIES[(int) index + 1].event().topic();
  }

  /** A run of two entries at most, its writer, and what readers saw that may not be. */
  abstract static class Window {
    final Run run = new Run(AT[0], 2, Long.MAX_VALUE);
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private int appended;

    void appendNext() {
      run.append(ENTRIES[++appended], 0);
    }

    void expect(boolean holds, String fault) {
      if (!holds) {
        faults.add(fault);
      }
    }

    void expectNoFaults() {
      long weight = 0;
      for (long i = run.base(); i < run.head().index; i++) {
        weight += run.slot(i).event.weight();
      }
      expect(weight == run.weight(), "charged " + run.weight() + " for " + weight);
      if (!faults.isEmpty()) {
        throw new IllegalStateException(faults.toString());
      }
    }
  }

  /** Reads of one entry. */
  public static class Entries extends Window {
    @Operation
    public void append() {
      appendNext();
    }

    @Operation
    public void read(@Param(gen = IntGen.class) int index) {
      if (index >= run.head().index) {
        return;
      }
      Run.Slot slot = run.slot(index);
      if (slot == null) {
        // Read afterwards: an index at or above the base was not evicted when the slot was read.
        expect(run.base() > index, "a hole at " + index);
        return;
      }
      expect(slot.position == AT[index + 1] && slot.before == AT[index], "wrong at " + index);
    }

    @Operation
    public void follow(@Param(gen = IntGen.class) int index) {
      Run.Head head = run.head();
      Run.Slot slot = index < head.index ? run.slot(index) : null;
      if (slot == null) {
        return;
      }
      long next = slot.nextOfTopic();
      long end = Math.min(next, head.index);
      for (long i = index + 1; i < end; i++) {
        expect(!topic(i).equals(topic(index)), "passed over " + i);
      }
      expect(next == Run.Slot.NONE || topic(next).equals(topic(index)), "followed to " + next);
    }

    @Operation
    public void join(@Param(gen = IntGen.class) int position) {
      long baseBefore = run.base();
      long headBefore = run.head().index;
      long found = run.join(AT[position]);
      if (found == Run.ELSEWHERE) {
        // It may give up when anything is evicted under its hands: the log can tell then.
        expect(run.base() > Math.min(position, baseBefore), "position " + position + " is held");
        return;
      }
      // What follows position p has index p; a position ahead of the head joins there.
      boolean atHead = found >= headBefore && found < position;
      expect(found == position || atHead, "position " + position + " at " + found);
    }

    @Validate
    public void noReaderSawWhatMayNotBe() {
      expectNoFaults();
    }
  }

  /** Reads of many entries, which may stop early but never pass over one. */
  public static class Batches extends Window {
    private static final BatchCache.Reading ALL =
        new BatchCache.Reading(TopicFilter.all(), WireFormat.SSE, false);
    private static final BatchCache.Reading ONE =
        new BatchCache.Reading(TopicFilter.of(Set.of("a")), WireFormat.SSE, false);

    @Operation
    public void append() {
      appendNext();
    }

    @Operation
    public void readAll(@Param(gen = IntGen.class) int from) {
      read(from, ALL);
    }

    @Operation
    public void readOneTopic(@Param(gen = IntGen.class) int from) {
      read(from, ONE);
    }

    private void read(int from, BatchCache.Reading reading) {
      if (from > run.head().index) {
        return;
      }
      BatchCache.Found found = new BatchCache().next(run, from, AT[from], reading);
      int size = 0;
      for (int i = from; i < found.next; i++) {
        size += reading.wants(topic(i)) ? SIZES[i] : 0;
      }
      int got = found.batch == null ? 0 : found.batch.size();
      expect(got == size, "read " + got + " bytes of " + size + " from " + from);
      expect(found.position == AT[(int) found.next], found.position + " before " + found.next);
    }

    @Validate
    public void noReaderSawWhatMayNotBe() {
      expectNoFaults();
    }
  }
}
