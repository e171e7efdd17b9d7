package io.eventchannel.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The shared bytes of an event. */
class EncodedEventTest {
  @ParameterizedTest
  @EnumSource(WireFormat.class)
  void bytesAreEncodedOnceAndShared(WireFormat format) {
    EncodedEvent event = new EncodedEvent(Event.of("t", "x").withId("1"));
    assertSame(event.bytes(format), event.bytes(format));
  }

  @Test
  void theWeightGrowsByWhatHasBeenEncoded() {
    Event event = Event.of("t", "some text");
    EncodedEvent encoded = new EncodedEvent(event);
    assertEquals(event.weight(), encoded.weight());
    int sse = encoded.bytes(WireFormat.SSE).length;
    assertEquals(event.weight() + sse, encoded.weight());
    assertSame(encoded.bytes(WireFormat.SSE), encoded.bytes(WireFormat.SSE_BASE64));
    assertEquals(event.weight() + sse, encoded.weight(), "equal forms share their bytes");
    int json = encoded.bytes(WireFormat.JSON).length;
    assertSame(encoded.bytes(WireFormat.JSON), encoded.bytes(WireFormat.BYTES));
    assertEquals(event.weight() + sse + json, encoded.weight());
  }

  @Test
  void aBinaryEventInAFormThatCannotCarryItNamesTheCapability() {
    EncodedEvent event = new EncodedEvent(Event.binary("b", new byte[3]));
    for (WireFormat format : WireFormat.values()) {
      if (format.carriesBinary()) {
        assertTrue(event.bytes(format).length > 3);
      } else {
        String message =
            assertThrows(UnsupportedOperationException.class, () -> event.bytes(format))
                .getMessage();
        assertEquals("binary event: " + format + " lacks the capability BINARY", message);
      }
    }
  }

  @Test
  void manyThreadsSeeWholeBytes() throws Exception {
    int threads = 4;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 500; round++) {
        EncodedEvent event = new EncodedEvent(Event.message("x".repeat(500)));
        byte[] expected = SseEncoder.encode(event.event(), WireFormat.SSE);
        CountDownLatch start = new CountDownLatch(threads);
        List<Future<byte[]>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          results.add(
              executor.submit(
                  () -> {
                    start.countDown();
                    start.await();
                    return event.bytes(WireFormat.SSE).clone();
                  }));
        }
        for (Future<byte[]> result : results) {
          assertArrayEquals(expected, result.get(10, TimeUnit.SECONDS));
        }
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
