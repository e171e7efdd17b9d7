package io.eventchannel.benchmarks;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends one message at a time without waiting, for a container that allows only one. The next is
 * begun by whoever ends the last, in a loop, as the end may be told before the call returns.
 */
final class QueuedSocket extends Subscriber<String> {
  private final RemoteEndpoint.Async remote;
  private final Queue<String> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turns = new AtomicInteger();
  private final SendHandler written =
      result -> {
        if (end() > 0 && result.isOK()) {
          next();
        }
      };

  QueuedSocket(Session session) {
    remote = session.getAsyncRemote();
  }

  @Override
  void send(String event) {
    // In this order: who sees the count finds the event.
    queue.add(event);
    if (begin() == 0) {
      next();
    }
  }

  /** Called once for each message that may be begun, so never by two while one is under way. */
  private void next() {
    if (turns.getAndIncrement() != 0) {
      return;
    }
    do {
      String event = queue.poll();
      if (event == null) {
        throw new AssertionError("an event was counted that is not in the queue");
      }
      remote.sendText(event, written);
    } while (turns.decrementAndGet() != 0);
  }
}
