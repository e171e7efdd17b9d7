package io.eventchannel.log;

import java.math.BigInteger;
import java.util.Random;

/** Mints epochs: 128 random bits in base 62, so that no two logs ever share one. */
final class Epochs {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
  private static final int BITS = 128;

  // 62^22 is the first power above 2^128.
  private static final int LENGTH = 22;

  private Epochs() {}

  /** Returns a new epoch of {@value #LENGTH} letters and digits. */
  static String mint(Random source) {
    BigInteger rest = new BigInteger(BITS, source);
    char[] epoch = new char[LENGTH];
    for (int i = LENGTH - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(BASE);
      epoch[i] = DIGITS.charAt(parts[1].intValue());
      rest = parts[0];
    }
    return new String(epoch);
  }
}
