package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.Gap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
  private final LogEntry entry = new LogEntry(Position.of("e", 3), Event.message("x"));

  @Test
  void pageHoldsEntriesAndWhereToGoOn() {
    Page page = Page.of(new ArrayList<>(List.of(entry)), Position.of("e", 5));
    assertEquals(List.of(entry), page.entries());
    assertEquals(Position.of("e", 5), page.next());
    assertNull(page.gap());
    assertThrows(UnsupportedOperationException.class, () -> page.entries().clear());
  }

  @Test
  void gapHoldsItsReasonAndNoEntries() {
    Page page = Page.gap(Gap.Reason.EPOCH, Position.of("f", 0));
    assertEquals(Gap.Reason.EPOCH, page.gap());
    assertTrue(page.entries().isEmpty());
    assertEquals(Position.of("f", 0), page.next());
    assertNull(page.following());
  }

  @Test
  void gapMayBringThePageBehindItButNoOtherGap() {
    Page behind = Page.of(List.of(entry), Position.of("e", 5));
    Page page = Page.gap(Gap.Reason.EVICTED, Position.of("e", 2), behind);
    assertEquals(Position.of("e", 2), page.next());
    assertTrue(page.entries().isEmpty());
    assertEquals(behind, page.following());
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Page.gap(Gap.Reason.EVICTED, Position.of("e", 1), page));
    assertEquals(
        "following: expected a page without a gap, got one of reason EVICTED",
        refused.getMessage());
    for (Position ahead : List.of(Position.of("e", 6), Position.of("f", 1))) {
      assertEquals(
          "following: expected a page that leads on from " + ahead.id() + ", got e-5",
          assertThrows(
                  IllegalArgumentException.class, () -> Page.gap(Gap.Reason.EPOCH, ahead, behind))
              .getMessage());
    }
  }

  @Test
  void entryGivesItsEventThePositionAsId() {
    assertEquals("e-3", entry.event().id());
    assertEquals("x", entry.event().data());
    Event named = Event.message("y").withId("e-4");
    assertEquals("e-4", new LogEntry(Position.of("e", 4), named).event().id());
    assertEquals("e-5", new LogEntry(Position.of("e", 5), named).event().id());
  }
}
