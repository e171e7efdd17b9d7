package io.eventchannel.client;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.Event;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.tck.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sends that wait, acknowledgements, deadlines and the end of the channel, in every order of their
 * steps. A wake that got lost would leave a thread standing, which Lincheck reports.
 */
@Tag("interleaving")
class WaitingSendsInterleavingTest {
  @Test
  void WS_13_whoeverMakesRoomOrEndsTheWaitWakesTheSender() {
    explore("", "send send", "acknowledge", "close");
    explore("send", "send", "acknowledge timeOut", "close");
    explore("send", "send", "send", "timeOut acknowledge close");
    explore("send", "send", "timeOut", "close");
  }

  private static void explore(String first, String... threads) {
    // What a send that waits returns depends on the others: the validation judges, no order does.
    Interleavings.options(0, 300, Event.class, CompletableFuture.class)
        .verifier(EpsilonVerifier.class)
        .addCustomScenario(Interleavings.scenario(Channel.class, first, threads))
        .check(Channel.class);
  }

  /** An outbox for one event, and the lock of its channel. */
  public static class Channel {
    private static final Event EVENT = Event.message("");

    private final Object lock = new Object();
    // All guarded by lock.
    private final Outbox outbox = new Outbox(1, 10_000);
    private final WaitingSends waiting = new WaitingSends();
    private final List<WaitingSend> came = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> stages = new ArrayList<>();
    private boolean closed;

    @Operation
    public void send() {
      WaitingSend mine;
      synchronized (lock) {
        if (closed) {
          return;
        }
        Outbox.Entry entry = waiting.size() > 0 ? null : outbox.add(EVENT);
        if (entry != null) {
          return;
        }
        mine = new WaitingSend(EVENT, 0);
        came.add(mine);
        waiting.add(mine);
      }
      if (!mine.await()) {
        throw new IllegalStateException("nobody interrupts");
      }
      CompletableFuture<Receipt> stage = mine.answer();
      synchronized (lock) {
        stages.add(stage);
      }
    }

    @Operation
    public void acknowledge() {
      synchronized (lock) {
        if (outbox.peek() != null) {
          outbox.handOver();
        }
        outbox.acknowledged(Long.MAX_VALUE);
        waiting.letIn(outbox);
      }
    }

    @Operation
    public void timeOut() {
      synchronized (lock) {
        if (!came.isEmpty()) {
          waiting.giveUp(came.get(0), () -> Upstream.failed(new OutboxFullException("late")));
          waiting.letIn(outbox);
        }
      }
    }

    @Operation
    public void close() {
      synchronized (lock) {
        closed = true;
        waiting.giveUpAll(() -> Upstream.failed(new ChannelClosedException("closed")));
      }
    }

    @Validate
    public void everySendWasAnswered() {
      if (stages.size() != came.size() || waiting.size() != 0 || outbox.count() > 1) {
        throw new IllegalStateException(
            came.size() + " waited, " + stages.size() + " returned, " + waiting.size() + " wait");
      }
    }
  }
}
