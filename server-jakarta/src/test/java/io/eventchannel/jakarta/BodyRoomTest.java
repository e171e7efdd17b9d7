package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BodyRoomTest {
  private final BodyRoom room = new BodyRoom(10);

  @Test
  void whatFitsIsTakenToTheLastByteAndWhatDoesNotTakesNone() {
    assertTrue(room.take(6));
    assertFalse(room.take(5));
    assertEquals(6, room.held());
    assertTrue(room.take(4));
    assertFalse(room.take(1));
    assertEquals(10, room.held());
  }

  @Test
  void whatIsGivenBackMayBeTakenAgain() {
    assertTrue(room.take(10));
    room.giveBack(4);
    assertEquals(6, room.held());
    assertTrue(room.take(4));
    assertFalse(room.take(1));
    room.giveBack(10);
    assertEquals(0, room.held());
  }

  @Test
  void unlessToldThereIsRoomFor64MiB() {
    BodyRoom usual = new BodyRoom();
    assertTrue(usual.take(64 << 20));
    assertFalse(usual.take(1));
  }
}
