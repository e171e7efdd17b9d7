package io.eventchannel.docs.wrong;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Wrong on purpose: sleeps in every way there is. */
final class Sleeper {
  interface Sleep {
    void sleep(long millis) throws InterruptedException;
  }

  void direct() throws InterruptedException {
    Thread.sleep(1);
  }

  void byUnit() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(1);
  }

  Callable<Void> inLambda() {
    return () -> {
      Thread.sleep(1, 1);
      return null;
    };
  }

  Sleep byReference() {
    return Thread::sleep;
  }
}
