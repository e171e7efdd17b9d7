package com.launchdarkly.eventsource;

import com.launchdarkly.logging.LDLogger;
import com.launchdarkly.logging.Logs;
import java.io.InputStream;
import java.net.URI;
import java.util.Collections;
import java.util.function.Consumer;

/**
 * Lets a benchmark run okhttp-eventsource's parser without its connection; the parser is visible in
 * its own package only.
 */
public final class EventParserReader {
  private static final URI ORIGIN = URI.create("http://localhost/");
  private static final LDLogger LOGGER = LDLogger.withAdapter(Logs.none(), "");
  private static final int READ_BUFFER_SIZE = EventSource.DEFAULT_READ_BUFFER_SIZE;

  private EventParserReader() {}

  /** Passes every event of the stream to the sink. */
  public static void readAll(InputStream stream, Consumer<MessageEvent> sink) {
    EventParser parser =
        new EventParser(
            stream,
            ORIGIN,
            READ_BUFFER_SIZE,
            false,
            Collections.emptySet(),
            LOGGER,
            new NoHeaders());
    try {
      while (true) {
        StreamEvent event = parser.nextEvent();
        if (event instanceof MessageEvent message) {
          sink.accept(message);
        }
      }
    } catch (StreamClosedByServerException end) {
      // How this parser says that the stream is over.
    } catch (StreamException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class NoHeaders implements ResponseHeaders {
    @Override
    public int size() {
      return 0;
    }

    @Override
    public Header get(int index) {
      throw new IndexOutOfBoundsException("no headers, asked for " + index);
    }

    @Override
    @SuppressWarnings("NullAway") // null is how the interface says that there is none
    public String value(String name) {
      return null;
    }

    @Override
    public boolean isEmpty() {
      return true;
    }
  }
}
