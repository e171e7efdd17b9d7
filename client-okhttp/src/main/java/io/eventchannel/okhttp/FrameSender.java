package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okio.AsyncTimeout;
import okio.BufferedSink;
import okio.Okio;
import okio.Sink;
import org.jspecify.annotations.Nullable;

/**
 * What one connection still has to write, and the task that writes it: in order, one write at a
 * time, never on the thread of whoever asks for it. The task runs only while there is something to
 * write, so a silent connection costs no second thread.
 *
 * <p>Messages are bounded in bytes and {@link #send} says when they are not taken. Control frames
 * need no bound: of the pongs only the newest is kept (RFC 6455, section 5.5.3), a ping and a close
 * are one each; they go before the messages. After the close frame nothing is written.
 *
 * <p>A piece of some 8 KiB that the socket does not take within the timeout ends it all: a slow
 * peer may take long for a large message, one that stands still may not.
 */
final class FrameSender implements Runnable {
  /**
   * Twice what a channel may have undecided, by the same measure. So only a peer that acknowledges
   * nothing can meet it, for which whatever was handed over counts as taken.
   */
  static final long MOST_BYTES = 16L << 20;

  private static final int NO_CLOSE = -1;
  private static final byte[] NOTHING = new byte[0];

  /** A frame that waits; what it holds is encoded when its turn comes. */
  private static final class Waiting {
    final int opcode;
    final int weight;
    final Supplier<byte[]> payload;

    Waiting(int opcode, int weight, Supplier<byte[]> payload) {
      this.opcode = opcode;
      this.weight = weight;
      this.payload = payload;
    }
  }

  /** Ends what the socket does not take in time; OkHttp's watchdog calls. */
  private final class WriteTimeout extends AsyncTimeout {
    @Override
    protected void timedOut() {
      fail(CloseReason.of(Kind.WRITE_TIMEOUT, "a write did not finish in time"));
    }
  }

  private final BufferedSink sink;
  private final Executor executor;
  private final FrameWriter writer;
  private final Consumer<? super CloseReason> onFailed;

  private final Object lock = new Object();
  // All guarded by lock, under which nothing is called. The sink belongs to the running task; to
  // nobody while none runs.
  private final ArrayDeque<Waiting> messages = new ArrayDeque<>();
  private long bytes; // of the messages, with the one that is being written
  private int writing;
  private byte @Nullable [] pong;
  private boolean pingDue;
  private int closeCode = NO_CLOSE;
  private String closeReason = "";
  private boolean messagesFirst;
  private boolean over; // the close frame is out, or writing has failed
  private boolean failed;
  private boolean running;
  private @Nullable Runnable released;

  /**
   * Creates one.
   *
   * @param onFailed told once if writing fails, from any thread; nothing is written afterwards, but
   *     the sink must be cancelled to end a write that hangs
   */
  FrameSender(
      Sink sink,
      long timeoutNanos,
      Executor executor,
      FrameWriter writer,
      Consumer<? super CloseReason> onFailed) {
    sink.timeout().clearTimeout(); // which would close the socket before anybody knows why
    this.sink = Okio.buffer(new WriteTimeout().sink(sink));
    this.sink.timeout().timeout(timeoutNanos, TimeUnit.NANOSECONDS);
    this.executor = executor;
    this.writer = writer;
    this.onFailed = onFailed;
  }

  /**
   * Takes a message; one after the close is dropped.
   *
   * @return false if there is no room for it
   */
  boolean send(int opcode, int weight, Supplier<byte[]> payload) {
    synchronized (lock) {
      if (over || closeCode != NO_CLOSE) {
        return true;
      }
      if (bytes + weight > MOST_BYTES) {
        return false;
      }
      bytes += weight;
      messages.add(new Waiting(opcode, weight, payload));
    }
    wake();
    return true;
  }

  void ping() {
    synchronized (lock) {
      pingDue = true;
    }
    wake();
  }

  /** Answers a ping; takes the place of an answer that is not written yet. */
  void pong(byte[] payload) {
    synchronized (lock) {
      pong = payload;
    }
    wake();
  }

  /**
   * Writes a close frame as the last one; the first call counts.
   *
   * @param reason at most 123 bytes of UTF-8
   * @param afterMessages whether what waits goes before it, or is dropped
   */
  void close(int code, String reason, boolean afterMessages) {
    synchronized (lock) {
      if (closeCode == NO_CLOSE) {
        closeCode = code;
        closeReason = reason;
        messagesFirst = afterMessages;
      }
    }
    wake();
  }

  /**
   * The connection is over, but for what is being written now: once that is done, or has failed,
   * the sink is closed.
   *
   * @param whenFree called after that
   */
  void release(Runnable whenFree) {
    synchronized (lock) {
      released = whenFree;
      if (running) {
        return; // the task closes it
      }
      stop();
    }
    closeSink(whenFree);
  }

  private void wake() {
    synchronized (lock) {
      if (running || !hasNext()) {
        return;
      }
      running = true;
    }
    try {
      executor.execute(this);
    } catch (RejectedExecutionException | OutOfMemoryError refused) { // no thread to be had
      failAndRest(refused);
    }
  }

  private boolean hasNext() {
    return !over && (closeCode != NO_CLOSE || pong != null || pingDue || !messages.isEmpty());
  }

  @Override
  public void run() {
    try {
      writeAll();
    } catch (IOException | RuntimeException broken) {
      failAndRest(broken);
    } catch (Error broken) {
      failAndRest(broken);
      throw broken;
    }
  }

  private void writeAll() throws IOException {
    do {
      for (Waiting next = next(); next != null; next = next()) {
        writer.write(sink, next.opcode, next.payload.get());
      }
      sink.flush();
    } while (!rest());
  }

  /** Ends the task if nothing is left to write; another one may begin at once. */
  private boolean rest() {
    Runnable whenFree;
    synchronized (lock) {
      if (hasNext()) {
        return false;
      }
      running = false;
      whenFree = released;
      if (whenFree != null) {
        stop();
      }
    }
    if (whenFree != null) {
      closeSink(whenFree);
    }
    return true;
  }

  private @Nullable Waiting next() {
    synchronized (lock) {
      bytes -= writing;
      writing = 0;
      if (!hasNext()) {
        return null;
      }
      if (closeCode != NO_CLOSE && !(messagesFirst && !messages.isEmpty())) {
        byte[] payload = CloseFrame.payload(closeCode, closeReason);
        stop();
        return new Waiting(FrameWriter.CLOSE, 0, () -> payload);
      }
      byte[] answer = pong;
      if (answer != null) {
        pong = null;
        return new Waiting(FrameWriter.PONG, 0, () -> answer);
      }
      if (pingDue) {
        pingDue = false;
        return new Waiting(FrameWriter.PING, 0, () -> NOTHING);
      }
      Waiting message = messages.remove();
      writing = message.weight;
      return message;
    }
  }

  /** Nothing more is written; the lock is held. */
  private void stop() {
    over = true;
    messages.clear();
    bytes = 0;
    writing = 0;
  }

  private void failAndRest(Throwable broken) {
    try {
      fail(CloseReason.of(Kind.NETWORK, String.valueOf(broken), broken));
    } finally {
      rest();
    }
  }

  private void fail(CloseReason reason) {
    synchronized (lock) {
      stop();
      if (failed) {
        return;
      }
      failed = true;
    }
    onFailed.accept(reason);
  }

  private void closeSink(Runnable whenFree) {
    try {
      sink.close();
    } catch (IOException e) {
      // What it says of the last bytes, nobody needs any more; what it held is free.
    }
    whenFree.run();
  }
}
