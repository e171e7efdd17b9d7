package io.eventchannel.it;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dns;

/** Name resolution that gets stuck on one name until it is told; others it knows at once. */
final class StuckNames implements Dns {
  static final String NAME = "stuck.test";

  private final AtomicInteger waiting = new AtomicInteger();
  private volatile CountDownLatch told = new CountDownLatch(1);

  /** How many look-ups wait. */
  int waiting() {
    return waiting.get();
  }

  /** Lets those who wait have the address of the loopback interface; later ones wait again. */
  void answer() {
    CountDownLatch told = this.told;
    this.told = new CountDownLatch(1);
    told.countDown();
  }

  @Override
  public List<InetAddress> lookup(String name) throws UnknownHostException {
    if (!name.equals(NAME)) {
      return Dns.SYSTEM.lookup(name);
    }
    CountDownLatch told = this.told;
    waiting.incrementAndGet();
    try {
      told.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    } finally {
      waiting.decrementAndGet();
    }
    return List.of(InetAddress.getLoopbackAddress());
  }
}
