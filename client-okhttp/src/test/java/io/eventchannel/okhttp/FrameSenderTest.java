package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RawFrames.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okio.Buffer;
import okio.ForwardingSink;
import org.junit.jupiter.api.Test;

class FrameSenderTest {
  private final ManualExecutor executor = new ManualExecutor();
  private final Wire wire = new Wire();
  private final List<CloseReason> failures = new ArrayList<>();
  private final AtomicInteger freed = new AtomicInteger();
  private final FrameSender sender =
      new FrameSender(
          wire,
          TimeUnit.SECONDS.toNanos(10),
          executor,
          new FrameWriter(new Random(1)),
          failures::add);

  /** Where frames arrive, unless it is broken. */
  private static final class Wire extends ForwardingSink {
    final Buffer arrived;
    boolean broken;
    int flushes;
    boolean closed;

    Wire() {
      this(new Buffer());
    }

    private Wire(Buffer arrived) {
      super(arrived);
      this.arrived = arrived;
    }

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      if (broken) {
        throw new IOException("broken");
      }
      super.write(source, byteCount);
    }

    @Override
    public void flush() throws IOException {
      flushes++;
      super.flush();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private boolean send(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return sender.send(FrameWriter.TEXT, bytes.length, () -> bytes);
  }

  private List<String> arrived() throws IOException {
    executor.runAll();
    List<String> frames = new ArrayList<>();
    while (!wire.arrived.exhausted()) {
      Frame frame = RawFrames.read(wire.arrived.inputStream(), 1 << 20);
      frames.add(
          switch (frame.opcode()) {
            case RawFrames.PING -> "ping " + frame.text();
            case RawFrames.PONG -> "pong " + frame.text();
            default -> frame.toString();
          });
    }
    return frames;
  }

  @Test
  void oneTaskWritesAllThatWaitsInOrderAndFlushesOnce() throws IOException {
    assertTrue(send("a") && send("b") && send("c"));
    assertEquals(1, executor.pending(), "tasks for three messages");
    assertTrue(wire.arrived.exhausted(), "the caller wrote");
    assertEquals(List.of("text \"a\"", "text \"b\"", "text \"c\""), arrived());
    assertEquals(1, wire.flushes);
    assertTrue(send("d"));
    assertEquals(List.of("text \"d\""), arrived());
  }

  @Test
  void S24_ofAFloodOfPingsOneAnswerWaits() throws IOException {
    send("a");
    for (int i = 0; i < 1_000_000; i++) {
      sender.pong(Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
    }
    assertEquals(1, executor.pending());
    assertEquals(List.of("pong 999999", "text \"a\""), arrived());
  }

  @Test
  void WS_16_aPingIsSentOnceThoughItIsAskedForTwice() throws IOException {
    sender.ping();
    sender.ping();
    assertEquals(List.of("ping "), arrived());
  }

  @Test
  void WS_13_aFullQueueTakesNoMessageYetControlFramesFit() throws IOException {
    int half = (int) (FrameSender.MOST_BYTES / 2);
    byte[] small = new byte[1];
    assertTrue(sender.send(FrameWriter.BINARY, half, () -> small));
    assertTrue(sender.send(FrameWriter.BINARY, half, () -> small));
    assertFalse(sender.send(FrameWriter.BINARY, 1, () -> small));
    sender.pong(new byte[] {'p'});
    sender.close(1001, "", false);
    assertEquals(List.of("close 1001 \"\""), arrived());
    assertTrue(failures.isEmpty());
  }

  @Test
  void whatIsWrittenMakesRoom() throws IOException {
    byte[] small = new byte[1];
    for (int i = 0; i < 5; i++) {
      assertTrue(sender.send(FrameWriter.BINARY, (int) FrameSender.MOST_BYTES, () -> small));
      assertFalse(sender.send(FrameWriter.BINARY, 1, () -> small));
      assertEquals(1, arrived().size());
    }
  }

  @Test
  void nothingFollowsTheCloseFrameWhichMayFollowMessages() throws IOException {
    send("a");
    sender.close(1000, "", true);
    sender.close(4999, "", false);
    assertTrue(send("too late"));
    sender.ping();
    assertEquals(List.of("ping ", "text \"a\"", "close 1000 \"\""), arrived());
    sender.pong(new byte[0]);
    send("too late");
    assertEquals(0, executor.pending());
    assertEquals(List.of(), arrived());
  }

  @Test
  void aFailureIsToldOnceAndFreesEverything() throws IOException {
    wire.broken = true;
    send("x".repeat(20_000));
    executor.runAll();
    assertEquals(1, failures.size());
    assertEquals(Kind.NETWORK, failures.get(0).kind());
    send("more");
    assertEquals(0, executor.pending());
    sender.release(freed::incrementAndGet);
    assertTrue(wire.closed);
    assertEquals(1, freed.get());
  }

  @Test
  void aPayloadThatCannotBeMadeEndsTheConnectionAndNotTheThread() {
    sender.send(
        FrameWriter.TEXT,
        1,
        () -> {
          throw new IllegalArgumentException("no event");
        });
    executor.runAll();
    assertTrue(failures.get(0).text().contains("no event"), failures.toString());
  }

  @Test
  void anExecutorThatRefusesIsAFailure() {
    executor.refuse();
    send("a");
    assertEquals(Kind.NETWORK, failures.get(0).kind());
    sender.release(freed::incrementAndGet);
    assertEquals(1, freed.get());
  }

  @Test
  void WS_08_aReleaseWaitsForTheCloseFrameThatIsOnItsWay() throws IOException {
    sender.close(1000, "", false);
    sender.release(freed::incrementAndGet);
    assertFalse(wire.closed);
    assertEquals(List.of("close 1000 \"\""), arrived());
    assertTrue(wire.closed);
    assertEquals(1, freed.get());
  }

  @Test
  void aReleaseOfAnIdleSenderClosesTheSinkAtOnce() {
    sender.release(freed::incrementAndGet);
    assertTrue(wire.closed);
    assertEquals(1, freed.get());
    send("late");
    assertEquals(0, executor.pending());
  }
}
