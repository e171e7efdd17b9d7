package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EpochsTest {
  @Test
  void epochIsTwentyTwoLettersAndDigitsAndNeverTheSame() {
    Random random = new Random(1);
    Set<String> epochs = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      String epoch = Epochs.mint(random);
      assertTrue(epoch.matches("[0-9A-Za-z]{22}"), epoch);
      assertTrue(epochs.add(epoch), epoch);
    }
  }

  @Test
  void allBitsAreUsed() {
    assertEquals("0000000000000000000000", Epochs.mint(constant((byte) 0)));
    // 2^128 - 1
    assertEquals("7n42DGM5Tflk9n8mt7Fhc7", Epochs.mint(constant((byte) -1)));
  }

  private static Random constant(byte bits) {
    return new Random() {
      private static final long serialVersionUID = 1L;

      @Override
      public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, bits);
      }
    };
  }
}
