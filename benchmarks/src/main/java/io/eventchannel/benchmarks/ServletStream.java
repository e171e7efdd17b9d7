package io.eventchannel.benchmarks;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One stream of server-sent events. Whoever adds an event writes what there is, unless another does
 * so already, who then looks again. The lock is held over every call of the container's output and
 * taken by what tells of an error: a container may give the response of a failed stream to another
 * as soon as that returns, and nobody may be inside a write by then.
 */
final class ServletStream extends Subscriber<byte[]> implements WriteListener, AsyncListener {
  private static final byte[] HELLO = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  private final AsyncContext async;
  private final ServletOutputStream out;
  private final Subscribers<byte[]> subscribers;
  private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger reasonsToLook = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();

  // Set by the container's thread, and by who drains; false until the container says otherwise.
  private volatile boolean writable;

  // Guarded by lock.
  private boolean unflushed;
  private boolean dead;
  private boolean completed;

  ServletStream(AsyncContext async, ServletOutputStream out, Subscribers<byte[]> subscribers) {
    this.async = async;
    this.out = out;
    this.subscribers = subscribers;
  }

  /** Begins the response; the first bytes take its head along. */
  void open() {
    async.addListener(this);
    begin();
    queue.add(HELLO);
    subscribers.add(this);
    out.setWriteListener(this);
  }

  @Override
  void send(byte[] event) {
    begin();
    queue.add(event);
    look();
  }

  private void look() {
    if (reasonsToLook.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      lock.lock();
      try {
        drain();
      } finally {
        lock.unlock();
      }
      seen = reasonsToLook.addAndGet(-seen);
    } while (seen != 0);
  }

  private void drain() {
    try {
      while (!dead && writable && (unflushed || !queue.isEmpty())) {
        // Before the question: the container may answer it at once, from a thread of its own.
        writable = false;
        if (!out.isReady()) {
          return;
        }
        writable = true;
        byte[] event = queue.poll();
        if (event == null) {
          unflushed = false;
          out.flush();
        } else {
          unflushed = true;
          out.write(event);
          end();
        }
      }
    } catch (IOException | RuntimeException e) {
      // The container tells of it too; the stream is completed then, not from in here.
      dead = true;
      subscribers.remove(this);
    }
  }

  private void fail() {
    subscribers.remove(this);
    lock.lock();
    try {
      dead = true;
      if (!completed) {
        completed = true;
        async.complete();
      }
    } catch (IllegalStateException e) {
      // The container has completed it.
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onWritePossible() {
    writable = true;
    look();
  }

  @Override
  public void onError(Throwable error) {
    fail();
  }

  @Override
  public void onError(AsyncEvent event) {
    fail();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    fail();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    subscribers.remove(this);
    lock.lock();
    dead = true;
    completed = true;
    lock.unlock();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
