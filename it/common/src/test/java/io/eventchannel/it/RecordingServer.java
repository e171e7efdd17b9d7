package io.eventchannel.it;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The application of a test: keeps what the server's listener is told, each kind in its order. */
final class RecordingServer implements EventChannelListener {
  final BlockingQueue<EventChannel> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();

  @Override
  public void onOpen(EventChannel channel) {
    opened.add(channel);
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    events.add(event);
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    closed.add(reason);
  }

  /** Takes the next of a queue; fails after ten seconds. */
  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("waited in vain");
    }
    return next;
  }
}
