package io.eventchannel.server;

import io.eventchannel.Capability;
import io.eventchannel.ChannelClosedException;
import io.eventchannel.Event;
import io.eventchannel.OutboxFullException;
import io.eventchannel.Receipt;
import io.eventchannel.codec.EncodedEvent;
import java.util.concurrent.CompletableFuture;

/** How an event that the application sends to one channel gets to its connection. Stateless. */
final class DirectSending {
  private DirectSending() {}

  /** Hands the event to the connection, or says why not; the result completes in the calls. */
  static void send(
      String id,
      Subscription to,
      Event event,
      ListenerCalls calls,
      CompletableFuture<Receipt> result) {
    if (event.isBinary() && !to.format().carriesBinary()) {
      result.completeExceptionally(
          new UnsupportedOperationException(
              "binary event: the connection lacks the capability " + Capability.BINARY));
      return;
    }
    // Not in the log, so no ID: the client's position must not move.
    byte[] bytes = new EncodedEvent(event.withId(null)).bytes(to.format());
    ControlQueue.DirectSend send =
        new ControlQueue.DirectSend() {
          @Override
          public void handed() {
            calls.add(() -> result.complete(Receipt.HANDED_OVER));
          }

          @Override
          public void lost() {
            calls.add(
                () ->
                    result.completeExceptionally(
                        new ChannelClosedException(
                            "channel " + id + " closed before the event was sent")));
          }
        };
    if (to.controls().offerDirect(bytes, event.isBinary(), send)) {
      to.wake();
    } else {
      result.completeExceptionally(
          new OutboxFullException("direct sends: no room for " + bytes.length + " bytes more"));
    }
  }
}
