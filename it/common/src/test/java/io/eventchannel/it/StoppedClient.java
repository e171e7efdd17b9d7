package io.eventchannel.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A client, over either transport, that reads only when it is told to. It has next to no receive
 * buffer, so that its server soon notices.
 */
abstract class StoppedClient implements AutoCloseable {
  private static final int SMALL = 4 * 1024;
  private static final int MAX_EVENT = 1 << 20;

  /** All that came, control events included. */
  final List<Event> received = new ArrayList<>();

  /** The code with which the server ended the connection; 0 before. */
  int closeCode;

  static StoppedClient stream(int port, String query) throws IOException {
    return new Stream(port, query);
  }

  static StoppedClient session(int port, String query) throws IOException {
    return new Session(port, query);
  }

  /** Reads one block or frame; false at the end of the connection. */
  abstract boolean read() throws IOException;

  /** Reads up to an event of that type. */
  final void readUpTo(String type) throws IOException {
    while (received.isEmpty() || !received.get(received.size() - 1).type().equals(type)) {
      if (!read()) {
        throw new IOException("ended with " + closeCode + " before " + type);
      }
    }
  }

  private static final class Stream extends StoppedClient {
    private final RawHttp http;
    private final SseParser parser;

    Stream(int port, String query) throws IOException {
      http = RawHttp.connect(port, SMALL);
      parser =
          new SseParser(
              new SseParser.Sink() {
                @Override
                public void onEvent(Event event) {
                  received.add(event);
                  if (event.type().equals("eventchannel.goodbye")) {
                    closeCode =
                        Integer.parseInt(event.data().replaceAll(".*\"code\":([0-9]+).*", "$1"));
                  }
                }

                @Override
                public void onLastEventId(String lastEventId) {}

                @Override
                public void onRetry(long millis) {}

                @Override
                public void onComment(String text) {}
              },
              SseLimits.ofEvent(MAX_EVENT),
              "");
      RawHttp.Head head = http.send("GET", ServedFeed.PATH + query).head();
      if (head.status() != 200) {
        throw new IOException("expected 200, got " + head);
      }
    }

    @Override
    boolean read() throws IOException {
      String block = http.blockOrHeartbeat();
      if (block == null) {
        return false;
      }
      byte[] bytes = block.getBytes(UTF_8);
      parser.feed(bytes, 0, bytes.length);
      return true;
    }

    @Override
    public void close() throws IOException {
      http.close();
    }
  }

  private static final class Session extends StoppedClient {
    private final RawWebSocket socket;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    Session(int port, String query) throws IOException {
      socket = RawWebSocket.open(RawHttp.connect(port, SMALL), ServedFeed.PATH + query);
    }

    @Override
    boolean read() throws IOException {
      RawWebSocket.Frame frame = socket.frame();
      if (frame.opcode == RawWebSocket.CLOSE) {
        closeCode = frame.closeCode();
        return false;
      }
      if (frame.opcode > RawWebSocket.BINARY) {
        return true; // a ping, which nobody answers
      }
      message.writeBytes(frame.payload);
      if (frame.last) { // one envelope, as no subprotocol was asked for
        byte[] whole = message.toByteArray();
        message.reset();
        new EnvelopeReader(MAX_EVENT)
            .read(whole, 0, whole.length, (seq, event) -> received.add(event));
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
