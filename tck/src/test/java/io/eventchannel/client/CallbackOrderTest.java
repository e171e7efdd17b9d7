package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.transport.ConnectionInfo;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads: the calls of one channel stay in one row on an executor that has several. */
class CallbackOrderTest {
  private static final int EVENTS = 20_000;

  @Test
  @Timeout(60)
  void INV_22_callsComeInTheOrderOfTheEventsAndNeverTwoAtOnce() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    ScriptedTransport transport = new ScriptedTransport("websocket");
    Counter counter = new Counter();
    try (ChannelClient client =
        ChannelClient.builder()
            .transport(transport)
            .executor(threads)
            .inboundQueue(2 * EVENTS, Long.MAX_VALUE) // so that the script need not pause
            .build()) {
      client.open("https://example.com/feed", counter);
      ScriptedConnection connection = transport.takeConnection();
      connection.opens(new ConnectionInfo(true, "channel-1", 15_000));
      for (int i = 0; i < EVENTS; i++) {
        connection.event(Event.message(Integer.toString(i)).withId("e-" + i));
      }
      assertTrue(counter.all.await(30, TimeUnit.SECONDS), () -> "stopped at " + counter.next);
      assertEquals("", counter.fault);
    } finally {
      threads.shutdown();
    }
  }

  /** Keeps its state in plain fields, as the contract allows. */
  private static final class Counter implements EventChannelListener {
    final CountDownLatch all = new CountDownLatch(EVENTS);
    private final AtomicInteger inside = new AtomicInteger();
    private int next;
    private String fault = "";

    @Override
    public void onEvent(EventChannel channel, Event event) {
      if (inside.incrementAndGet() != 1) {
        fault += "two calls at once at " + event.id() + "; ";
      }
      if (!event.data().equals(Integer.toString(next)) && fault.isEmpty()) {
        fault += "expected " + next + ", got " + event.data() + "; ";
      }
      next++;
      inside.decrementAndGet();
      all.countDown();
    }
  }
}
