package io.eventchannel.benchmarks;

import io.eventchannel.okhttp.FrameCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okhttp3.internal.ws.WebSocketReader;
import okhttp3.internal.ws.WebSocketWriter;
import okio.Buffer;
import okio.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Nanoseconds for one WebSocket message, read and written, ours beside OkHttp's.
 *
 * <p>All read from an okio buffer, and make a string or an array of each message, as an event needs
 * it: OkHttp hands out a string or a byte string, ours the bytes. Envelopes are read in place, so
 * ours is measured that way, too. Every candidate must deliver the right messages before anything
 * is measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(WebSocketFramesBenchmark.MESSAGES)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class WebSocketFramesBenchmark {
  static final int MESSAGES = 64;

  /** The length of a payload in bytes. */
  @Param({"55", "1024", "65536"})
  public int size = 55;

  private final FrameCodec frames = new FrameCodec();
  private final Buffer written = new Buffer();
  private final WebSocketWriter okHttpWriter =
      new WebSocketWriter(true, written, new Random(1), false, false, 1024);
  private byte[] payload = new byte[0];
  private ByteString payloadString = ByteString.EMPTY;
  private Buffer binary = new Buffer();
  private Buffer text = new Buffer();

  /** Makes the frames, without our writer, and checks the candidates. */
  @Setup
  public void prepare() throws IOException {
    payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) ('a' + i % 26);
    }
    payloadString = ByteString.of(payload);
    binary = framed(0x2);
    text = framed(0x1);
    String string = new String(payload, StandardCharsets.US_ASCII);
    check(payloadString, binary);
    check(string, text);
    frames.write(written, payload);
    long ours = written.size();
    written.clear();
    okHttpWriter.writeMessageFrame(0x2, payloadString);
    if (written.size() != ours) {
      throw new IllegalStateException(ours + " bytes written, expected " + written.size());
    }
    written.clear();
  }

  private Buffer framed(int opcode) {
    Buffer all = new Buffer();
    for (int i = 0; i < MESSAGES; i++) {
      all.writeByte(0x80 | opcode);
      if (size < 126) {
        all.writeByte(size);
      } else if (size < 0x10000) {
        all.writeByte(126).writeShort(size);
      } else {
        all.writeByte(127).writeLong(size);
      }
      all.write(payload);
    }
    return all;
  }

  private void check(Object expected, Buffer from) throws IOException {
    List<Object> got = new ArrayList<>();
    FrameCodec.Messages sink = m -> got.add(m instanceof byte[] bytes ? ByteString.of(bytes) : m);
    frames.read(from.clone(), sink);
    int ours = got.size();
    readOkHttp(from, new Callback(sink));
    if (ours != MESSAGES
        || got.size() != 2 * MESSAGES
        || !got.stream().allMatch(expected::equals)) {
      throw new IllegalStateException("not the messages: " + got.size());
    }
  }

  /** Our reader; an array is made of each message. */
  @Benchmark
  public void readBinary(Blackhole blackhole) throws IOException {
    frames.read(binary.clone(), blackhole::consume);
  }

  /** Our reader as envelopes use it. */
  @Benchmark
  public void readBinaryInPlace(Blackhole blackhole) throws IOException {
    frames.readInPlace(binary.clone(), blackhole::consume);
  }

  /** OkHttp's reader; a byte string is made of each message, and an array of that. */
  @Benchmark
  public void readBinaryOkHttp(Blackhole blackhole) throws IOException {
    readOkHttp(binary, new Callback(blackhole::consume));
  }

  /** Our reader; UTF-8 is checked, and a string made of each message. */
  @Benchmark
  public void readText(Blackhole blackhole) throws IOException {
    frames.read(text.clone(), blackhole::consume);
  }

  /** OkHttp's reader; a string is made of each message. */
  @Benchmark
  public void readTextOkHttp(Blackhole blackhole) throws IOException {
    readOkHttp(text, new Callback(blackhole::consume));
  }

  /** Our writer. */
  @Benchmark
  public void writeBinary() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      frames.write(written, payload);
      written.clear();
    }
  }

  /** OkHttp's writer. */
  @Benchmark
  public void writeBinaryOkHttp() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      okHttpWriter.writeMessageFrame(0x2, payloadString);
      written.clear();
    }
  }

  private static void readOkHttp(Buffer from, Callback callback) throws IOException {
    Buffer source = from.clone();
    WebSocketReader reader = new WebSocketReader(true, source, callback, false, false);
    while (!source.exhausted()) {
      reader.processNextFrame();
    }
  }

  private static final class Callback implements WebSocketReader.FrameCallback {
    private final FrameCodec.Messages messages;

    Callback(FrameCodec.Messages messages) {
      this.messages = messages;
    }

    @Override
    public void onReadMessage(String message) {
      messages.accept(message);
    }

    @Override
    public void onReadMessage(ByteString message) {
      messages.accept(message.toByteArray());
    }

    @Override
    public void onReadPing(ByteString payload) {}

    @Override
    public void onReadPong(ByteString payload) {}

    @Override
    public void onReadClose(int code, String reason) {}
  }
}
