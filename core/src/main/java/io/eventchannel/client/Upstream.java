package io.eventchannel.client;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.DeliveryUnknownException;
import io.eventchannel.Event;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.internal.SerialExecutor;
import io.eventchannel.transport.Connection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of a channel's events to its peer: from the outbox to the current connection, and what
 * became of them back to the stages. Guarded by the channel's lock; calls out by {@link CallOuts}.
 *
 * <p>Stages complete on the client's executor, in order, but not in the row of the listener's
 * calls: so a listener may wait for one. When the executor takes no more tasks they complete where
 * that is found out.
 */
final class Upstream {
  private final ClientSettings settings;
  private final boolean atMostOnce;
  private final CallOuts callOuts;
  private final Outbox outbox;
  private final WaitingSends waiting = new WaitingSends();
  private final SerialExecutor completions;

  Upstream(
      ClientSettings settings,
      ChannelRequest request,
      CallOuts callOuts,
      Consumer<? super Throwable> onError) {
    this.atMostOnce = request.sendsAtMostOnce();
    this.settings = settings;
    this.callOuts = callOuts;
    this.outbox = new Outbox(settings.outboxCount, settings.outboxBytes);
    this.completions = new SerialExecutor(settings.executor, onError);
  }

  static CompletableFuture<Receipt> failed(Throwable why) {
    CompletableFuture<Receipt> stage = new CompletableFuture<>();
    stage.completeExceptionally(why);
    return stage;
  }

  /** What becomes of an event when the channel is over. */
  static CompletableFuture<Receipt> closedBefore() {
    return failed(new ChannelClosedException("the channel is closed; the event was not sent"));
  }

  /**
   * Takes an event; its stage has failed already if there is no place, or the connection that is
   * open cannot carry it.
   *
   * @return null if there is no place, but may be one later, and the event may wait
   */
  @Nullable CompletableFuture<Receipt> offer(Event event, @Nullable Link open, boolean mayWait) {
    String missing = open == null ? null : open.whyNotSend(event);
    if (missing != null) {
      return failed(new UnsupportedOperationException(missing));
    }
    Outbox.Entry entry = waiting.size() > 0 ? null : outbox.add(event); // none overtakes another
    if (entry != null) {
      return entry.fate();
    }
    return mayWait && event.weight() <= settings.outboxBytes ? null : failed(full(event, "", null));
  }

  /** Lets an event wait for its place, behind those that wait already. */
  void add(WaitingSend last) {
    waiting.add(last);
  }

  /**
   * Ends the wait of one that was not let in; the event is not sent.
   *
   * @param interrupted why; null if its time is over
   */
  void giveUp(WaitingSend late, @Nullable InterruptedException interrupted) {
    waiting.giveUp(
        late,
        () -> {
          long waited = settings.scheduler.nanoTime() - late.since();
          String text = "; waited " + TimeUnit.NANOSECONDS.toMillis(waited) + " ms";
          return failed(
              full(
                  late.event(),
                  interrupted == null ? text : text + " and was interrupted",
                  interrupted));
        });
    waiting.letIn(outbox); // a smaller one behind it, perhaps
  }

  private OutboxFullException full(
      Event event, String wait, @Nullable InterruptedException interrupted) {
    String text =
        "outbox: expected at most "
            + settings.outboxCount
            + " events and "
            + settings.outboxBytes
            + " bytes undecided, got one more of weight "
            + event.weight()
            + " beside "
            + outbox.count()
            + " events and "
            + outbox.bytes()
            + " bytes, with "
            + waiting.size()
            + " sends waiting"
            + wait;
    return interrupted == null
        ? new OutboxFullException(text)
        : new OutboxFullException(text, interrupted);
  }

  /**
   * A connection is open; before anything is handed to it.
   *
   * @param attached whether it belongs to the same channel of the server as the one before
   * @param ack the number up to which that channel has decided all
   */
  void opened(boolean attached, long ack) {
    if (attached) {
      acknowledged(ack);
      return;
    }
    if (atMostOnce) {
      complete(
          outbox.dropAllUndecided(),
          new DeliveryUnknownException(
              "the connection was lost before the server said that it took the event, and the"
                  + " server does not know the channel any more"));
    }
    outbox.startAfresh();
    waiting.letIn(outbox);
  }

  /**
   * Hands what is to be sent to an open connection.
   *
   * @param acknowledges whether the peer will say what became of it; if not, handed over is all
   *     there is to know
   */
  void handOver(Link link, boolean acknowledges) {
    Connection connection = link.connection;
    if (connection == null) {
      return; // soon; the link calls again then
    }
    for (Outbox.Entry next = outbox.peek(); next != null; next = outbox.peek()) {
      RuntimeException failure = link.whyNotSend(next);
      if (failure != null) {
        outbox.drop();
        complete(Collections.singletonList(next), failure);
        waiting.letIn(outbox);
        continue;
      }
      outbox.handOver();
      long seq = next.seq();
      Event event = next.event();
      callOuts.add(() -> connection.send(seq, event));
      if (!acknowledges) {
        complete(outbox.acknowledged(seq), null, Receipt.HANDED_OVER);
        waiting.letIn(outbox);
      }
    }
  }

  /** Whether a connection has events in hand of which nobody knows yet what became. */
  boolean isUndecided() {
    return outbox.isUndecided();
  }

  void acknowledged(long seq) {
    complete(outbox.acknowledged(seq), null);
    waiting.letIn(outbox);
  }

  void refused(long seq, String reason) {
    Outbox.Entry entry = outbox.refused(seq);
    if (entry != null) {
      RuntimeException failure =
          entry.receipt() == Receipt.ONCE
              ? new SendRejectedException(reason)
              : new DeliveryUnknownException(
                  "the server that was sent it before may have taken it; this one did not: "
                      + reason);
      complete(Collections.singletonList(entry), failure);
      waiting.letIn(outbox);
    }
  }

  void connectionLost() {
    outbox.connectionLost();
  }

  void closed() {
    waiting.giveUpAll(Upstream::closedBefore);
    complete(
        outbox.dropAllUndecided(),
        new DeliveryUnknownException("the channel closed before the peer said what it took"));
    complete(
        outbox.dropAllWaiting(),
        new ChannelClosedException("the channel closed; the event was not sent"));
  }

  private void complete(List<Outbox.Entry> entries, @Nullable RuntimeException failure) {
    complete(entries, failure, null);
  }

  /** Completes stages, with their own receipts unless there is another one. */
  private void complete(
      List<Outbox.Entry> entries, @Nullable RuntimeException failure, @Nullable Receipt receipt) {
    if (entries.isEmpty()) {
      return;
    }
    Runnable completion = () -> completeNow(entries, failure, receipt);
    callOuts.add(() -> completeElsewhere(completion));
  }

  private void completeElsewhere(Runnable completion) {
    try {
      completions.execute(completion);
    } catch (RejectedExecutionException refused) {
      // Shut down before its client, or with it a moment ago: better told here than never.
      settings.makeCall(completion);
    }
  }

  private static void completeNow(
      List<Outbox.Entry> entries, @Nullable RuntimeException failure, @Nullable Receipt receipt) {
    for (Outbox.Entry entry : entries) {
      if (failure == null) {
        entry.fate().complete(receipt == null ? entry.receipt() : receipt);
      } else {
        entry.fate().completeExceptionally(failure);
      }
    }
  }
}
