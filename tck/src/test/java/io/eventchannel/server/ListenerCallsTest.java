package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Executors of applications that do what they should not: each call is made once, in order. */
class ListenerCallsTest {
  private static final Duration RETRY = Duration.ofMillis(20);

  private final VirtualScheduler clock = new VirtualScheduler();
  private final ManualExecutor application = new ManualExecutor();
  private final ManualExecutor elsewhere = new ManualExecutor();
  private final List<String> made = new ArrayList<>();
  private final List<LogRecord> logged = new ArrayList<>();
  private final Logger logger = Logger.getLogger(RefusedTurns.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord logRecord) {
          logged.add(logRecord);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private boolean ending;
  private Executor behaviour = application;
  private final RefusedTurns refused = new RefusedTurns(clock, () -> ending, elsewhere);
  private final ListenerCalls calls = new ListenerCalls(task -> behaviour.execute(task), refused);

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(handler);
  }

  private void add(String name) {
    calls.add(() -> made.add(name));
  }

  /** Everything that can still happen happens. */
  private void settle() {
    for (int i = 0; i < 3; i++) {
      application.runAll();
      elsewhere.runAll();
      clock.advance(RETRY);
    }
  }

  private void assertMade(String... names) {
    settle();
    assertEquals(List.of(names), made);
  }

  @Test
  void anExecutorThatIsFullIsAskedAgain() {
    behaviour =
        task -> {
          throw new RejectedExecutionException("full");
        };
    add("1");
    add("2");
    clock.advance(RETRY);
    assertEquals(List.of(), made);
    behaviour = application;
    assertMade("1", "2");
    assertEquals(List.of(), logged);
  }

  @Test
  void whateverElseAnExecutorThrowsIsLoggedWithItsCauseAndCostsNoCall() {
    RuntimeException failure = new IllegalStateException("no context");
    behaviour =
        task -> {
          throw failure;
        };
    add("1");
    add("2");
    clock.advance(RETRY);
    assertEquals(1, logged.size(), "once, not at each attempt");
    assertSame(failure, logged.get(0).getThrown());
    behaviour = application;
    assertMade("1", "2");
  }

  @Test
  void anErrorOfAnExecutorThatGetsNoThreadCostsNoCall() {
    behaviour =
        task -> {
          throw new Error("of this test: no thread");
        };
    add("1");
    behaviour = application;
    assertMade("1");
  }

  @Test
  void whatAnExecutorRanItselfBeforeItThrewIsNotCalledAgain() {
    behaviour =
        task -> {
          task.run();
          throw new IllegalStateException("after the task");
        };
    add("1");
    assertEquals(0, clock.pendingTasks(), "there is nothing to try again");
    add("2");
    assertMade("1", "2");
  }

  @Test
  void aTurnThatAnExecutorKeptAlthoughItThrewIsTakenOnce() {
    behaviour =
        task -> {
          application.execute(task);
          throw new IllegalStateException("but it is in the queue");
        };
    add("1");
    application.runAll();
    behaviour = application;
    add("2");
    assertMade("1", "2");
  }

  @Test
  void aTurnThatAnExecutorRunsTwiceMakesNoTwoCallsAtOnce() {
    behaviour =
        task -> {
          application.execute(task);
          application.execute(task);
        };
    calls.add(
        () -> {
          application.runOne(); // as another thread does meanwhile
          made.add("1");
        });
    add("2");
    assertMade("1", "2");
  }

  @Test
  void aListenerThatThrowsInAnExecutorThatRunsItsTasksInTheCallerHarmsNobody() {
    behaviour = Runnable::run;
    calls.add(
        () -> {
          add("3");
          made.add("1");
          throw new AssertionError("of this test");
        });
    add("4");
    assertMade("1", "3", "4");
  }

  @Test
  void whatWaitsWhenTheEndBeginsIsCalledElsewhere() {
    behaviour =
        task -> {
          throw new RejectedExecutionException("full");
        };
    add("1");
    ending = true;
    refused.end();
    add("2");
    elsewhere.runAll();
    assertEquals(List.of("1", "2"), made);
    behaviour = application;
    assertMade("1", "2");
  }

  @Test
  void aTurnThatIsRefusedWhileTheEndBeginsIsNotForgotten() {
    boolean[] asked = {false};
    // The end begins, and looks for those who wait, after the turn has asked and before it waits.
    BooleanSupplier begins = () -> asked[0] || !(asked[0] = true);
    RefusedTurns late = new RefusedTurns(clock, begins, elsewhere);
    application.refuse();
    new ListenerCalls(application, late).add(() -> made.add("1"));
    elsewhere.runAll();
    assertEquals(List.of("1"), made);
  }

  @Test
  void aTurnThatWasDroppedIsOfferedAgainAtTheEndWithTheNextCall() {
    behaviour = task -> {}; // as shutdownNow() does with its queue
    add("1");
    behaviour =
        task -> {
          throw new RejectedExecutionException("shut down");
        };
    ending = true;
    refused.end();
    add("2");
    elsewhere.runAll();
    assertEquals(List.of("1", "2"), made);
  }

  @Test
  void anExecutorThatGoesOnAtTheEndMakesTheCallsItselfAndOnce() {
    add("1");
    ending = true;
    refused.end();
    add("2");
    assertEquals(0, elsewhere.pending());
    assertMade("1", "2");
  }

  @Test
  void aThreadThatCannotBeHadAtTheEndIsReplacedByTheOneThatEnds() {
    application.refuse();
    elsewhere.refuse();
    add("1");
    ending = true;
    refused.end();
    assertEquals(List.of("1"), made);
  }

  @Test
  void aTimerThatFailsIsNoReasonToWait() {
    RefusedTurns untimed = new RefusedTurns(new FailingTimer(), () -> false, elsewhere);
    application.refuse();
    new ListenerCalls(application, untimed).add(() -> made.add("1"));
    elsewhere.runAll();
    assertEquals(List.of("1"), made);
  }

  private static final class FailingTimer implements Scheduler {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long currentTimeMillis() {
      return 0;
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
      throw new RejectedExecutionException("shut down");
    }
  }
}
