package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ManualExecutorTest {
  private final ManualExecutor executor = new ManualExecutor();
  private final List<String> ran = new ArrayList<>();

  @Test
  void tasksRunInOrderWhenTheTestSays() {
    executor.execute(() -> ran.add("a"));
    executor.execute(() -> ran.add("b"));
    assertEquals(2, executor.pending());
    assertEquals(List.of(), ran);
    assertTrue(executor.runOne());
    assertEquals(List.of("a"), ran);
    assertEquals(1, executor.runAll());
    assertEquals(List.of("a", "b"), ran);
    assertFalse(executor.runOne());
    assertEquals(0, executor.pending());
  }

  @Test
  void runAllRunsWhatTasksAdd() {
    executor.execute(() -> executor.execute(() -> ran.add("child")));
    assertEquals(2, executor.runAll());
    assertEquals(List.of("child"), ran);
  }

  @Test
  void aFailureReachesTheTestAndHarmsNoOtherTask() {
    RuntimeException failure = new RuntimeException("of this test");
    for (int i = 0; i < 2; i++) {
      executor.execute(
          () -> {
            throw failure;
          });
    }
    executor.execute(() -> ran.add("healthy"));
    assertSame(failure, assertThrows(RuntimeException.class, executor::runOne));
    AssertionError error = assertThrows(AssertionError.class, executor::runAll);
    assertEquals("1 of 2 tasks failed", error.getMessage());
    assertSame(failure, error.getCause());
    assertEquals(List.of("healthy"), ran);
  }

  @Test
  void tasksWithoutEndAreToldInsteadOfRunForEver() {
    Runnable loop =
        new Runnable() {
          @Override
          public void run() {
            executor.execute(this);
          }
        };
    executor.execute(loop);
    assertThrows(AssertionError.class, executor::runAll);
  }

  @Test
  void aRefusingExecutorStillRunsWhatItHas() {
    executor.execute(() -> ran.add("before"));
    executor.refuse();
    assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> ran.add("after")));
    assertEquals(1, executor.runAll());
    assertEquals(List.of("before"), ran);
  }
}
