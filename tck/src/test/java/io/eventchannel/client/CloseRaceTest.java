package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.tck.ScriptedConnection;
import io.eventchannel.tck.ScriptedTransport;
import io.eventchannel.transport.ConnectionInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real threads: the end comes once and last, whoever closes when, and no lock is in the way. */
@Timeout(60)
class CloseRaceTest {
  private static final int ROUNDS = 300;
  private static final ConnectionInfo OURS = new ConnectionInfo(true, "channel-1", 15_000);

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdown();
  }

  /** Where a channel is when two threads close it and its connection goes on. */
  private enum Moment {
    CREDENTIALS_PENDING,
    CONNECTING,
    OPEN,
    WAITING
  }

  @ParameterizedTest
  @EnumSource
  void INV_30_INV_31_onClosedComesOnceAndLastWhoeverClosesWhen(Moment moment) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      race(moment, round);
    }
  }

  private void race(Moment moment, int round) throws Exception {
    ScriptedTransport transport = new ScriptedTransport("websocket").lingering();
    CompletableFuture<Credentials> credentials = new CompletableFuture<>();
    if (moment != Moment.CREDENTIALS_PENDING) {
      credentials.complete(Credentials.none());
    }
    Calls calls = new Calls();
    ChannelClient client =
        ChannelClient.builder()
            .transport(transport)
            .credentials(lastFailure -> credentials)
            .connectTimeout(Duration.ofMinutes(1))
            .build();
    EventChannel channel = client.open("https://example.com/feed", calls);
    CompletableFuture<Receipt> sent = channel.send(Event.message("hi")).toCompletableFuture();
    Runnable remote = () -> credentials.complete(Credentials.none());
    if (moment != Moment.CREDENTIALS_PENDING) {
      ScriptedConnection connection = transport.takeConnection();
      if (moment == Moment.OPEN || moment == Moment.WAITING) {
        connection.opens(OURS);
        connection.event(Event.message("0").withId("e-0"));
      }
      if (moment == Moment.WAITING) {
        connection.breaks();
        remote = () -> {};
      } else {
        remote = () -> goesOn(connection, moment == Moment.CONNECTING);
      }
    }
    inParallel(channel::close, round % 2 == 0 ? channel::close : client::close, remote);
    client.close();

    assertTrue(calls.closed.await(10, TimeUnit.SECONDS), "onClosed never came");
    assertTrue(sent.handle((ok, failure) -> failure != null).get(10, TimeUnit.SECONDS));
    assertEquals(ChannelState.CLOSED, channel.state());
    assertEquals("", calls.fault());
    if (transport.attempts() > 0 && moment == Moment.CREDENTIALS_PENDING) {
      // It began before the close and came after it, which a transport must bear. Whichever thread
      // makes the channel's calls at that moment gives it up.
      transport.takeConnection().awaitGivenUp();
    } else {
      assertEquals(List.of(), transport.failures());
    }
  }

  private static void goesOn(ScriptedConnection connection, boolean opens) {
    if (opens) {
      connection.opens(OURS);
    }
    for (int i = 1; i < 5; i++) {
      connection.event(Event.message("" + i).withId("e-" + i));
    }
    connection.closes(CloseReason.closeCode(1000, "done"));
  }

  private void inParallel(Runnable... tasks) throws Exception {
    CyclicBarrier start = new CyclicBarrier(tasks.length);
    List<Future<?>> running = new ArrayList<>();
    for (Runnable task : tasks) {
      running.add(
          threads.submit(
              () -> {
                start.await(10, TimeUnit.SECONDS);
                task.run();
                return null;
              }));
    }
    for (Future<?> each : running) {
      each.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void INV_30_closeInsideEachCallbackIsFollowedByOnClosedAlone() throws Exception {
    for (String callback : List.of("onOpen", "onEvent", "onConnectionLost")) {
      ScriptedTransport transport = new ScriptedTransport("websocket");
      Calls calls = new Calls(callback, EventChannel::close);
      try (ChannelClient client = ChannelClient.builder().transport(transport).build()) {
        client.open("https://example.com/feed", calls);
        ScriptedConnection connection = transport.takeConnection().opens(OURS);
        if (!callback.equals("onOpen")) {
          connection.event(Event.message("0").withId("e-0"));
        }
        if (callback.equals("onConnectionLost")) {
          connection.breaks();
        }
        assertTrue(calls.closed.await(10, TimeUnit.SECONDS), callback);
        assertEquals("", calls.fault());
        List<String> heard = calls.heard();
        assertEquals(List.of(callback, "onClosed"), heard.subList(heard.size() - 2, heard.size()));
      }
    }
  }

  @Test
  void noLockIsHeldWhileTheListenerIsCalledOrCredentialsAreAskedFor() throws Exception {
    ScriptedTransport transport = new ScriptedTransport("websocket");
    CompletableFuture<EventChannel> opened = new CompletableFuture<>();
    List<String> blocked = Collections.synchronizedList(new ArrayList<>());
    Calls calls = new Calls("", channel -> {});
    calls.duringEach = (name, channel) -> usableElsewhere(name, channel, blocked);
    try (ChannelClient client =
        ChannelClient.builder()
            .transport(transport)
            .credentials(
                lastFailure -> {
                  EventChannel channel = opened.join();
                  usableElsewhere("credentials", channel, blocked);
                  return CompletableFuture.completedFuture(Credentials.none());
                })
            .build()) {
      EventChannel channel = client.open("https://example.com/feed", calls);
      opened.complete(channel);
      ScriptedConnection first = transport.takeConnection().opens(OURS);
      first.event(Event.message("0").withId("e-0"));
      first.event(Event.of("eventchannel.gap", "{\"reason\":\"evicted\"}").withId("e-1"));
      first.breaks();
      calls.awaitCall("onConnectionLost");
      channel.close();
      assertTrue(calls.closed.await(10, TimeUnit.SECONDS));
    }
    assertEquals(List.of(), blocked);
    assertEquals(
        List.of("onOpen", "onEvent", "onGap", "onConnectionLost", "onClosed"), calls.heard());
  }

  /** Another thread uses the channel while this call waits for it: a held lock would stop both. */
  private void usableElsewhere(String during, EventChannel channel, List<String> blocked) {
    Future<?> elsewhere =
        threads.submit(
            () -> {
              channel.state();
              channel.transport();
              channel.supports(Capability.SEND);
              channel.lastEventId();
              channel.send(Event.message("from another thread"));
              return channel.toString();
            });
    try {
      elsewhere.get(5, TimeUnit.SECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      blocked.add(during + ": " + e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Remembers the calls, acts inside one of them, and finds fault with what the contract forbids.
   */
  private static final class Calls implements EventChannelListener {
    private interface During {
      void call(String name, EventChannel channel);
    }

    private interface Act {
      void on(EventChannel channel);
    }

    final CountDownLatch closed = new CountDownLatch(1);
    private final String callback;
    private final Act act;
    private volatile During duringEach = (name, channel) -> {};
    // All guarded by this.
    private final List<String> names = new ArrayList<>();
    private boolean inside;
    private String fault = "";

    Calls() {
      this("", channel -> {});
    }

    Calls(String callback, Act act) {
      this.callback = callback;
      this.act = act;
    }

    synchronized List<String> heard() {
      return List.copyOf(names);
    }

    synchronized String fault() {
      return fault;
    }

    synchronized void awaitCall(String name) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!names.contains(name)) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        assertFalse(left <= 0, () -> name + " did not come, only " + names);
        wait(left);
      }
    }

    private void called(String name, EventChannel channel) {
      synchronized (this) {
        if (inside) {
          fault += name + " came during another call; ";
        }
        if (names.contains("onClosed")) {
          fault += name + " came after onClosed; ";
        }
        inside = true;
        names.add(name);
        notifyAll();
      }
      duringEach.call(name, channel);
      if (name.equals(callback)) {
        act.on(channel);
      }
      synchronized (this) {
        inside = false;
      }
    }

    @Override
    public void onOpen(EventChannel channel) {
      called("onOpen", channel);
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      called("onEvent", channel);
    }

    @Override
    public void onGap(EventChannel channel, io.eventchannel.Gap gap) {
      called("onGap", channel);
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      called("onConnectionLost", channel);
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      called("onClosed", channel);
      closed.countDown();
    }
  }
}
