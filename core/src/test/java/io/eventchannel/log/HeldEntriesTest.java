package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeldEntriesTest {
  private final TopicHistory topic = new TopicHistory("t", 0);
  private final LogEntry alive = new LogEntry(Position.of("e", 1), Event.message(""));

  @Test
  void ringAgreesWithAList() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      HeldEntries ring = new HeldEntries();
      List<HeldEntry> list = new ArrayList<>();
      long offset = 0;
      int growth = 1 + random.nextInt(9);
      for (int step = 0; step < 500; step++) {
        if (random.nextInt(10) < growth) {
          offset += 1 + random.nextInt(3);
          HeldEntry entry = new HeldEntry(offset, topic, 1, 0, alive);
          ring.addLast(entry);
          list.add(entry);
        } else if (!list.isEmpty() && random.nextInt(4) > 0) {
          ring.removeFirst();
          list.remove(0);
        } else if (!list.isEmpty() && random.nextBoolean()) {
          list.get(random.nextInt(list.size())).entry = null;
        } else if (random.nextInt(20) == 0) {
          ring.compact();
          list.removeIf(entry -> entry.entry == null);
        }
        assertAgree(ring, list, random.nextInt((int) offset + 2) - 1, "seed " + seed);
      }
    }
  }

  private static void assertAgree(HeldEntries ring, List<HeldEntry> list, long after, String run) {
    assertEquals(list.size(), ring.size(), run);
    for (int i = 0; i < list.size(); i++) {
      assertEquals(list.get(i).offset, ring.get(i).offset, run);
    }
    long expected = list.stream().filter(entry -> entry.offset <= after).count();
    assertEquals(expected, ring.firstAfter(after), run);
  }
}
