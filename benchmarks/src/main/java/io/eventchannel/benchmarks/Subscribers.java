package io.eventchannel.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The broadcast as one would write it by hand: a loop over the connections with an event that is
 * encoded once. One connection that fails leaves the loop and does not end it. Thread-safe, but for
 * {@link #publish}, which one thread calls.
 *
 * @param <E> what an event is once it is encoded for all of them
 */
final class Subscribers<E> implements Broadcaster {
  private static final long PATIENCE_NANOS = 1_000_000_000;

  private final Encoding<E> encoding;
  private final List<Subscriber<E>> subscribers = new CopyOnWriteArrayList<>();
  private final AtomicInteger failed = new AtomicInteger();
  private long seq;

  /** What is sent for an event with that number; made once and then shared. */
  interface Encoding<E> {
    E encode(long seq, String data);
  }

  Subscribers(Encoding<E> encoding) {
    this.encoding = encoding;
  }

  /** An event of a server-sent stream, its number as the id. */
  static byte[] sseBytes(long seq, String data) {
    return ("id: " + seq + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  /** A message of a WebSocket: an object with the number and the data, which needs no escapes. */
  static String webSocketText(long seq, String data) {
    return "{\"id\":\"" + seq + "\",\"data\":\"" + data + "\"}";
  }

  void add(Subscriber<E> subscriber) {
    subscribers.add(subscriber);
  }

  void remove(Subscriber<E> subscriber) {
    subscribers.remove(subscriber);
  }

  @Override
  public int connections() {
    return subscribers.size();
  }

  @Override
  public void publish(String data) {
    E event = encoding.encode(++seq, data);
    for (Subscriber<E> subscriber : subscribers) {
      try {
        subscriber.send(event);
      } catch (Exception e) {
        remove(subscriber);
        if (failed.getAndIncrement() == 0) {
          System.err.println("a subscriber failed, further ones are not told: " + e);
        }
      }
    }
  }

  @Override
  public long underWay() {
    long now = System.nanoTime();
    long most = 0;
    for (Subscriber<E> subscriber : subscribers) {
      most = Math.max(most, subscriber.underWay(now, PATIENCE_NANOS));
    }
    return most;
  }
}
