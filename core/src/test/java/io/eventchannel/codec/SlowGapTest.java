package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.Gap;
import org.junit.jupiter.api.Test;

class SlowGapTest {
  @Test
  void aGapOfASlowConsumerNamesTheRangeOfWhichOnlyTheNewestCome() {
    Gap gap = ControlData.of(ControlEvents.slowGap("e-1", "e-9", "e-3")).gap("e-0", "e-3");
    assertEquals(new Gap(Gap.Reason.SLOW, "e-1", "e-3", "e-9"), gap);
    assertEquals("e-9", gap.until());
    assertEquals("Gap{slow after e-1, resumed at e-3, until e-9}", gap.toString());
  }

  @Test
  void aGapOfAnotherReasonEndsWhereTheNextEventBegins() {
    Gap gap = ControlData.of(ControlEvents.gap(Gap.Reason.EVICTED, "e-1", "e-5")).gap("e-0", "e-5");
    assertEquals("e-5", gap.until());
  }
}
