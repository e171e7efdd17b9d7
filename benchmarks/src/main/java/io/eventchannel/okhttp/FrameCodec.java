package io.eventchannel.okhttp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import okio.Buffer;

/**
 * Lets a benchmark run our frames without a connection; they are visible in their own package only.
 * What is read comes in pieces of 8 KiB at most, as from a socket.
 */
public final class FrameCodec {
  private static final int LIMIT = 1 << 20;
  private static final int PIECE = 8192;

  private final FrameWriter writer = new FrameWriter(new Random(1));

  /** What a message becomes. */
  public interface Messages extends Consumer<Object> {}

  /** Reads all messages, each as an array or a text of its own. */
  public void read(Buffer source, Messages sink) throws IOException {
    read(
        source,
        new Sink() {
          @Override
          public void onText(byte[] bytes, int offset, int length) {
            sink.accept(new String(bytes, offset, length, StandardCharsets.UTF_8));
          }

          @Override
          public void onBinary(byte[] bytes, int offset, int length) {
            sink.accept(Arrays.copyOfRange(bytes, offset, offset + length));
          }
        });
  }

  /** Reads all messages in place, as envelopes are. */
  public void readInPlace(Buffer source, Messages sink) throws IOException {
    read(
        source,
        new Sink() {
          @Override
          public void onText(byte[] bytes, int offset, int length) {
            sink.accept(bytes);
          }

          @Override
          public void onBinary(byte[] bytes, int offset, int length) {
            sink.accept(bytes);
          }
        });
  }

  private static void read(Buffer source, FrameReader.Sink sink) throws IOException {
    FrameReader reader = new FrameReader(LIMIT, "limit", sink);
    Buffer piece = new Buffer();
    Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();
    while (source.read(piece, PIECE) >= 0) {
      try (Buffer.UnsafeCursor reading = piece.readUnsafe(cursor)) {
        while (reading.next() >= 0) {
          reader.feed(reading.data, reading.start, reading.end - reading.start);
        }
      } catch (FrameException refused) {
        throw new IOException(refused);
      }
      piece.clear();
    }
  }

  /** Writes a binary message, masked. */
  public void write(Buffer to, byte[] payload) throws IOException {
    writer.write(to, FrameWriter.BINARY, payload);
  }

  private abstract static class Sink implements FrameReader.Sink {
    @Override
    public void onPing(byte[] payload) {}

    @Override
    public void onPong() {}

    @Override
    public void onClose(int code, String reason) {}
  }
}
