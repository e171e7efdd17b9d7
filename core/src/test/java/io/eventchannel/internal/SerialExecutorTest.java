package io.eventchannel.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
  private final Queue<Runnable> turns = new ArrayDeque<>();
  private final List<Integer> ran = new ArrayList<>();
  private boolean exhausted;

  private final SerialExecutor serial =
      new SerialExecutor(
          turn -> {
            if (exhausted) {
              throw new OutOfMemoryError("unable to create native thread");
            }
            turns.add(turn);
          },
          error -> {
            throw new AssertionError(error);
          });

  @Test
  void F42_aTaskThatCouldGetNoThreadIsRefusedAndRunsWithTheNextOneThatCan() {
    exhausted = true;
    assertThrows(RejectedExecutionException.class, () -> serial.execute(() -> ran.add(1)));
    exhausted = false;
    serial.execute(() -> ran.add(2));
    turns.remove().run();
    assertEquals(Arrays.asList(1, 2), ran);
  }

  @Test
  void F42_aTurnThatCouldGetNoThreadIsRunToTheEndByTheOneBefore() {
    for (int i = 0; i < 600; i++) {
      int number = i;
      serial.execute(() -> ran.add(number));
    }
    exhausted = true;
    turns.remove().run();
    assertEquals(600, ran.size());
  }
}
