package io.eventchannel.codec;

import java.nio.charset.StandardCharsets;

/**
 * Bytes to text as the Encoding Standard says, with its number of U+FFFD for malformed input.
 *
 * <p>The platform's decoders agree with the standard on well-formed input and differ in how many
 * replacements they write otherwise (the JDK writes one for an encoded surrogate, the standard
 * three). So the platform decodes first, and only a text in which a replacement stands is decoded
 * again, by the standard's own steps.
 */
final class Utf8 {
  static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /**
   * Decodes bytes that are ASCII for certain, if so it is said, else any bytes. The constructor for
   * ASCII is deprecated since it cannot decode anything else; it is small enough for the JIT to
   * inline, which the one that looks at a charset is not.
   */
  @SuppressWarnings("deprecation") // right for ASCII, see above
  static String decode(byte[] bytes, int from, int to, boolean ascii) {
    return ascii ? new String(bytes, 0, from, to - from) : decode(bytes, from, to);
  }

  static String decode(byte[] bytes, int from, int to) {
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    // Costs nothing for text in one-byte form, which cannot hold the character.
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeByTheStandard(bytes, from, to);
  }

  /** The "UTF-8 decoder" of the Encoding Standard, section 8.1.1, step by step. */
  private static String decodeByTheStandard(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    int codePoint = 0;
    int needed = 0;
    int lower = 0x80;
    int upper = 0xBF;
    for (int i = from; i < to; i++) {
      int b = bytes[i] & 0xFF;
      if (needed > 0) {
        if (b >= lower && b <= upper) {
          lower = 0x80;
          upper = 0xBF;
          codePoint = (codePoint << 6) | (b & 0x3F);
          if (--needed == 0) {
            text.appendCodePoint(codePoint);
          }
          continue;
        }
        // The sequence broke off: one replacement for it, and the byte starts anew.
        text.append(REPLACEMENT);
        needed = 0;
        lower = 0x80;
        upper = 0xBF;
      }
      if (b < 0x80) {
        text.append((char) b);
      } else if (b >= 0xC2 && b <= 0xDF) {
        needed = 1;
        codePoint = b & 0x1F;
      } else if (b >= 0xE0 && b <= 0xEF) {
        lower = b == 0xE0 ? 0xA0 : 0x80; // no overlong forms
        upper = b == 0xED ? 0x9F : 0xBF; // no surrogates
        needed = 2;
        codePoint = b & 0xF;
      } else if (b >= 0xF0 && b <= 0xF4) {
        lower = b == 0xF0 ? 0x90 : 0x80; // no overlong forms
        upper = b == 0xF4 ? 0x8F : 0xBF; // nothing past U+10FFFF
        needed = 3;
        codePoint = b & 0x7;
      } else {
        text.append(REPLACEMENT);
      }
    }
    if (needed > 0) {
      text.append(REPLACEMENT);
    }
    return text.toString();
  }

  /** Returns the text with each lone surrogate replaced; the same object when there is none. */
  static String wellFormed(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return replaceLoneSurrogates(text);
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int codePoint = text.codePointAt(i);
      boolean lone = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
      out.appendCodePoint(lone ? REPLACEMENT : codePoint);
      i += Character.charCount(codePoint);
    }
    return out.toString();
  }
}
