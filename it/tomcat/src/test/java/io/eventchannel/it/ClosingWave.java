package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.ScriptedServer;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Channels that are opened together and closed together, each by two threads at once. Its listener
 * knows how often each channel was closed and whether anything came afterwards.
 */
final class ClosingWave {
  /** Where the channels go, and what they are made of. */
  final CountedClients clients;

  final FeedProcess feed;
  final String transport;
  final int size;

  final RecordingListener calls = RecordingListener.counting();

  /** Holds up the listener or whatever else should stand still when the channels are closed. */
  final CountDownLatch release = new CountDownLatch(1);

  /** How many things stand still, and how many scripts of a server came to their end. */
  final AtomicInteger held = new AtomicInteger();

  final AtomicInteger scriptsOver = new AtomicInteger();

  private final List<EventChannel> channels = new ArrayList<>();

  ClosingWave(CountedClients clients, FeedProcess feed, String transport, int size) {
    this.clients = clients;
    this.feed = feed;
    this.transport = transport;
    this.size = size;
  }

  /** Makes the listener do something in a kind of call. */
  <T extends RecordingListener.Call> ClosingWave in(Class<T> kind, Consumer<? super T> reaction) {
    calls.reacting(
        call -> {
          if (kind.isInstance(call)) {
            reaction.accept(kind.cast(call));
          }
        });
    return this;
  }

  void open(ChannelClient client, String url) {
    open(client, ChannelRequest.of(url));
  }

  void open(ChannelClient client, ChannelRequest request) {
    for (int i = 0; i < size; i++) {
      channels.add(client.open(request, calls));
    }
  }

  List<EventChannel> channels() {
    return channels;
  }

  /** Stands still until the wave goes on. */
  void hold() {
    held.incrementAndGet();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void await(BooleanSupplier condition) {
    FeedServer.await(condition, this::toString);
  }

  /** Closes every channel from two threads. */
  void close() throws InterruptedException {
    Thread other = new Thread(this::closeAll, "closes-too");
    other.start();
    closeAll();
    other.join();
  }

  private void closeAll() {
    channels.forEach(EventChannel::close);
  }

  /** Lets go on what stands still, and waits until every listener has been told of the end. */
  void awaitClosed() {
    release.countDown();
    await(() -> calls.closes() >= size);
    check();
  }

  /** Ends a server once the clients have ended their connections to it. */
  void end(ScriptedServer server) throws Exception {
    await(() -> scriptsOver.get() == server.connectionCount());
    server.close();
  }

  /** Waits until nothing is left of it, then gives its channels to the garbage collector. */
  void assertGone() {
    await(() -> clients.timers.pending() == 0);
    await(() -> clients.sockets.open() == 0);
    await(
        () -> {
          feed.publish(-1); // a server sees that a stream's client has left when it writes
          return feed.connections() == 0;
        });
    check();
  }

  /** Checks what the listener was told, now or later. */
  void check() {
    assertEquals(List.of(), calls.failures(), this::toString);
    assertEquals(size, calls.closes(), this::toString);
  }

  /** Forgets the channels; tells whether anyone else remembers them. */
  List<WeakReference<EventChannel>> forget() {
    List<WeakReference<EventChannel>> forgotten =
        new ArrayList<>(channels.stream().map(WeakReference::new).toList());
    channels.clear();
    return forgotten;
  }

  @Override
  public String toString() {
    return transport
        + ": of "
        + size
        + " channels "
        + calls.opens()
        + " opens, "
        + calls.events()
        + " events, "
        + calls.connectionsLost()
        + " losses, "
        + calls.closes()
        + " closes, "
        + held
        + " held, "
        + scriptsOver
        + " scripts over, "
        + clients.timers.pending()
        + " timers, "
        + clients.sockets.open()
        + " sockets";
  }
}
