package io.eventchannel.client;

import io.eventchannel.tck.Interleavings;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls that several threads decide on and make, in every order of their steps. */
@Tag("interleaving")
class CallOutsInterleavingTest {
  @Test
  void INV_22_callsAreMadeOneAtATimeInTheOrderOfTheDecisionsAndNoneIsForgotten() {
    Interleavings.options(4, 200)
        .threads(3)
        .actorsBefore(0)
        .actorsPerThread(2)
        .check(Decisions.class);
  }

  /** A lock, a number that is decided under it, and the calls that follow. */
  public static class Decisions {
    private final CallOuts calls =
        new CallOuts(
            thrown -> {
              throw new IllegalStateException(thrown);
            });
    private final Object lock = new Object();
    private final List<String> faults = new ArrayList<>();
    private int decided;
    // Plain on purpose: one call happens before the next.
    private int made;
    private boolean inside;

    @Operation
    public void decideAndCall() {
      synchronized (lock) {
        int number = decided++;
        calls.add(() -> call(number));
      }
      calls.make();
    }

    private void call(int number) {
      if (inside) {
        faults.add("two calls at once");
      }
      inside = true;
      if (number != made) {
        faults.add(number + " after " + made);
      }
      made = number + 1;
      inside = false;
    }

    @Validate
    public void allCallsWereMade() {
      if (made != decided || !faults.isEmpty()) {
        throw new IllegalStateException(made + " of " + decided + " calls; " + faults);
      }
    }
  }
}
