package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BodyRoomTest {
  private final BodyRoom room = new BodyRoom(10, 8);

  @Test
  void whatFitsIsTakenToTheLastByteAndWhatDoesNotTakesNone() {
    assertTrue(room.take("a", 6));
    assertFalse(room.take("b", 5));
    assertEquals(6, room.held());
    assertEquals(1, room.channels());
    assertTrue(room.take("b", 4));
    assertFalse(room.take("c", 1));
    assertEquals(10, room.held());
  }

  @Test
  void whatIsGivenBackMayBeTakenAgain() {
    assertTrue(room.take("a", 8));
    assertTrue(room.take("b", 2));
    room.giveBack("a", 4);
    assertTrue(room.take("c", 4));
    assertFalse(room.take("a", 1));
    room.giveBack("a", 4);
    room.giveBack("b", 2);
    room.giveBack("c", 4);
    assertEquals(0, room.held());
    assertEquals(0, room.channels());
  }

  @Test
  void aChannelThatTakesMoreThanItShouldLeavesTheRestToOthers() {
    assertTrue(room.take("a", 8));
    assertFalse(room.take("a", 1));
    assertTrue(room.take("b", 2));
  }

  @Test
  void unlessBodiesMayBeLargerThereIsRoomFor64MiB() {
    BodyRoom usual = BodyRoom.forBodiesOf(32 << 20);
    assertTrue(usual.take("a", 64 << 20));
    assertFalse(usual.take("b", 1));
    BodyRoom large = BodyRoom.forBodiesOf(Integer.MAX_VALUE);
    assertTrue(large.take("a", Integer.MAX_VALUE));
    assertTrue(large.take("b", Integer.MAX_VALUE));
    assertFalse(large.take("c", 1));
  }
}
