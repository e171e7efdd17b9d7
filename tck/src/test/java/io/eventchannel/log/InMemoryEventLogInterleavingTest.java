package io.eventchannel.log;

import io.eventchannel.Event;
import io.eventchannel.tck.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Appends, reads, evictions and sinks that come and go, in every order of their steps. */
@Tag("interleaving")
class InMemoryEventLogInterleavingTest {
  private static final Event A = Event.of("tick", "1").withTopic("a");
  private static final Event B = Event.of("tick", "2").withTopic("b");

  private static final int SCHEDULES = 30;

  @Test
  void INV_04_INV_06_readsAndAppendsAnswerAsIfTheyCameOneAfterTheOther() {
    explore(AppendsAndReads.class, "appendA", "appendA appendB", "readAll(1) readA(1)");
    explore(AppendsAndReads.class, "appendA appendB", "appendA readA(2)", "appendB readAll(2)");
  }

  @Test
  void INV_01_everySinkSeesTheLogInOrderFromWhereItBeganAndNothingTwice() {
    explore(Tails.class, "", "append append", "append append");
    explore(Tails.class, "append", "append append", "subscribe append");
    explore(Tails.class, "subscribe", "append append", "append unsubscribe");
  }

  private static void explore(Class<?> operations, String first, String... threads) {
    Interleavings.options(
            0,
            SCHEDULES,
            CompletableFuture.class,
            Epochs.class,
            Event.class,
            History.class,
            Page.class,
            Position.class)
        .addCustomScenario(Interleavings.scenario(operations, first, threads))
        .check(operations);
  }

  private static InMemoryEventLog log() {
    return SeededLogs.builder().maxEventsPerTopic(1).build();
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().getNow(null);
  }

  /** A log that holds one event of each topic. */
  public static class AppendsAndReads {
    private final InMemoryEventLog log = log();
    private final String epoch = now(log.head()).epoch();

    @Operation
    public long appendA() {
      return now(log.append(A)).high();
    }

    @Operation
    public long appendB() {
      return now(log.append(B)).high();
    }

    @Operation
    public String readA(@Param(gen = IntGen.class) int after) {
      return read(after, TopicFilter.of(Set.of("a")));
    }

    @Operation
    public String readAll(@Param(gen = IntGen.class) int after) {
      return read(after, TopicFilter.all());
    }

    private String read(int after, TopicFilter filter) {
      Page page = now(log.read(Position.of(epoch, after), filter, 2));
      Page following = page.following();
      return page.gap() + content(page) + (following == null ? "" : " then" + content(following));
    }

    private static String content(Page page) {
      String entries =
          page.entries().stream()
              .map(e -> e.event().topic() + e.position().high())
              .collect(Collectors.joining(" "));
      return " [" + entries + "] " + page.next().high();
    }
  }

  /** Two sinks: one from the beginning, one that comes and goes. */
  public static class Tails {
    private final InMemoryEventLog log = log();
    private final Seen first = new Seen();
    private final Seen second = new Seen();
    private AutoCloseable secondSubscription;
    private boolean secondEnded;

    public Tails() {
      log.subscribeTail(first);
    }

    @Operation
    public void append() {
      log.append(A);
    }

    @Operation
    public void subscribe() {
      if (secondSubscription == null) {
        secondSubscription = log.subscribeTail(second);
      }
    }

    @Operation
    public void unsubscribe() throws Exception {
      if (secondSubscription != null) {
        secondEnded = true;
        secondSubscription.close();
      }
    }

    @Validate
    public void theSinksSawTheLog() {
      Position head = now(log.head());
      first.expectAllUpTo(head);
      if (secondSubscription != null && !secondEnded) {
        second.expectAllUpTo(head);
      }
      first.expectSound();
      second.expectSound();
    }
  }

  /** Notes what it is told, and whether the calls were serial. */
  private static final class Seen implements TailSink {
    private final List<String> faults = new ArrayList<>();
    private volatile boolean inside;
    private volatile long last = -1;

    @Override
    public void onStart(Position head) {
      if (last != -1) {
        faults.add("started twice");
      }
      last = head.high();
    }

    @Override
    public void onEntry(LogEntry entry) {
      if (inside) {
        faults.add("two calls at once");
      }
      inside = true;
      if (entry.position().high() != last + 1) {
        faults.add(entry.position().high() + " after " + last);
      }
      last = entry.position().high();
      inside = false;
    }

    @Override
    public void onFailure(Throwable cause) {
      faults.add("" + cause);
    }

    void expectAllUpTo(Position head) {
      if (last != head.high()) {
        throw new IllegalStateException("saw up to " + last + " of " + head.high());
      }
    }

    void expectSound() {
      if (!faults.isEmpty()) {
        throw new IllegalStateException(faults.toString());
      }
    }
  }
}
