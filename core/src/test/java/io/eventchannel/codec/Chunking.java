package io.eventchannel.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Ways to cut a stream into what single reads return. */
final class Chunking {
  private Chunking() {}

  static byte[] join(List<byte[]> chunks) {
    int length = 0;
    for (byte[] chunk : chunks) {
      length += chunk.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] chunk : chunks) {
      System.arraycopy(chunk, 0, whole, at, chunk.length);
      at += chunk.length;
    }
    return whole;
  }

  /** Pieces of these sizes, in turn and over again. */
  static List<byte[]> sizes(byte[] whole, int... sizes) {
    List<byte[]> chunks = new ArrayList<>();
    for (int at = 0, turn = 0; at < whole.length; turn++) {
      int size = Math.min(sizes[turn % sizes.length], whole.length - at);
      chunks.add(Arrays.copyOfRange(whole, at, at + size));
      at += size;
    }
    return chunks;
  }

  /** Pieces of 0 to 40 bytes, with a few long ones. */
  static List<byte[]> random(byte[] whole, Random random) {
    List<byte[]> chunks = new ArrayList<>();
    for (int at = 0; at < whole.length; ) {
      int bound = random.nextInt(16) == 0 ? 4000 : 41;
      int size = Math.min(random.nextInt(bound), whole.length - at);
      chunks.add(Arrays.copyOfRange(whole, at, at + size));
      at += size;
    }
    return chunks;
  }
}
