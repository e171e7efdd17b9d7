package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawFrames;
import io.eventchannel.tck.RecordingListener.Call;
import io.eventchannel.tck.RecordingListener.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stream that ends anywhere, and one that comes in crumbs. */
class CutStreamTest {
  private static final List<String> BLOCKS =
      List.of(
          "id: 1\r\ndata: eins ü\r\n\r\n", "id: 2\ndata: zwei\n\n", "event: x\rid: 3\rdata: €\r\r");

  private static byte[] stream(int from) {
    return String.join("", BLOCKS.subList(from, 3)).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void F01_cutByResetAtAnyByteNoEventIsLostDoubledOrInvented() throws Exception {
    for (int cut = 0; cut <= stream(0).length; cut++) {
      cutAt(cut, true);
    }
  }

  @Test
  void F02_cutByFinAtAnyByteNoEventIsLostDoubledOrInvented() throws Exception {
    for (int cut = 0; cut <= stream(0).length; cut++) {
      cutAt(cut, false);
    }
  }

  private static void cutAt(int cut, boolean reset) throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.server.onConnection(
          c -> {
            c.acceptEventStream();
            c.write(Arrays.copyOf(stream(0), cut));
            if (reset) {
              c.reset();
            }
          });
      harness.server.onConnection(
          c -> {
            String position = c.acceptEventStream().header("Last-Event-ID").orElse("0");
            c.write(stream(Integer.parseInt(position)));
            c.write("id: 4\ndata: end\n\n");
            c.awaitEnd();
          });
      harness.open();
      List<String> ids = new ArrayList<>();
      while (!ids.contains("4")) {
        Call call = harness.listener.take();
        if (call instanceof Received received) {
          ids.add(received.event().id());
        }
      }
      assertEquals(List.of("1", "2", "3", "4"), ids, "cut after " + cut + " bytes");
    }
  }

  @Test
  void F08_anEventStreamInOneByteSegmentsReadsTheSame() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overSse()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptEventStream();
      writeByteByByte(connection, stream(0));
      harness.listener.takeOpen();
      assertEquals("eins ü", harness.listener.takeEvent().data());
      assertEquals("zwei", harness.listener.takeEvent().data());
      assertEquals("€", harness.listener.takeEvent().data());
    }
  }

  @Test
  void F08_framesInOneByteSegmentsReadTheSame() throws Exception {
    try (OkHttpHarness harness = OkHttpHarness.overWebSocket()) {
      harness.open();
      RawConnection connection = harness.server.accept();
      connection.acceptWebSocket();
      String data = "€".repeat(200); // a header of four bytes
      writeByteByByte(connection, RawFrames.fromServer(RawFrames.text(data)));
      harness.listener.takeOpen();
      assertEquals(data, harness.listener.takeEvent().data());
    }
  }

  private static void writeByteByByte(RawConnection connection, byte[] bytes) throws Exception {
    for (byte one : bytes) {
      connection.write(new byte[] {one});
    }
  }
}
