package io.eventchannel.client;

import io.eventchannel.Receipt;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The sends that wait for a place in the outbox, in the order they came. The first alone is let in,
 * whatever the size of those behind it, so that none is starved and none overtakes another. Each
 * belongs to a thread of the application that stands still for it, so there are no more than that
 * has threads. Guarded by the channel's lock.
 */
final class WaitingSends {
  private final ArrayDeque<WaitingSend> line = new ArrayDeque<>(1);

  int size() {
    return line.size();
  }

  void add(WaitingSend last) {
    line.add(last);
  }

  /** Lets in those that have a place now. */
  void letIn(Outbox outbox) {
    for (WaitingSend first = line.peek(); first != null; first = line.peek()) {
      Outbox.Entry entry = outbox.add(first.event());
      if (entry == null) {
        return;
      }
      line.remove();
      first.answer(entry.fate());
    }
  }

  /** Ends the wait of one; nothing if it has ended already. */
  void giveUp(WaitingSend one, Supplier<CompletableFuture<Receipt>> answer) {
    if (line.remove(one)) {
      one.answer(answer.get());
    }
  }

  /** Ends the wait of all. */
  void giveUpAll(Supplier<CompletableFuture<Receipt>> answer) {
    for (WaitingSend next = line.poll(); next != null; next = line.poll()) {
      next.answer(answer.get());
    }
  }
}
