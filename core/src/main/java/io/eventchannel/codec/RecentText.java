package io.eventchannel.codec;

/**
 * Decodes a field whose value is mostly the one before, as types and topics are, and then returns
 * the same string again. Confined to its parser.
 */
final class RecentText {
  private static final int MAX_KEPT = 256;

  private byte[] bytes = new byte[0];
  private String text = "";

  String decode(byte[] source, int from, int to) {
    if (isKept(source, from, to)) {
      return text;
    }
    String decoded = Utf8.decode(source, from, to);
    if (to - from <= MAX_KEPT) {
      bytes = new byte[to - from];
      System.arraycopy(source, from, bytes, 0, bytes.length);
      text = decoded;
    }
    return decoded;
  }

  private boolean isKept(byte[] source, int from, int to) {
    byte[] kept = bytes;
    if (to - from != kept.length) {
      return false;
    }
    for (int i = 0; i < kept.length; i++) {
      if (source[from + i] != kept[i]) {
        return false;
      }
    }
    return true;
  }
}
