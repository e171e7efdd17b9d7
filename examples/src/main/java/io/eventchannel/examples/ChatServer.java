package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.server.EventFeed;
import java.io.IOException;

/**
 * A chat room. What anybody says comes upstream as an event {@code say}, and goes out to everybody
 * as one of the feed, which gives it an ID and its place in the order; so who was away for a while
 * reads on where they were.
 *
 * <p>The data of a message is the speaker's name in the first line and the text in the others.
 * Anybody may take any name here: a real room would take it from {@code Handshake.principal()}.
 */
public final class ChatServer implements AutoCloseable {
  static final String TOPIC = "room";
  static final String SAY = "say";
  private static final int LONGEST_NAME = 40;
  private static final int LONGEST_TEXT = 2_000;

  private final EventFeed feed = EventFeed.inMemory();
  private final ExampleServer server;

  private ChatServer(int port) throws IOException {
    // Whoever comes reads what was said since this event, as far as the log still holds it.
    String start = feed.publish(TOPIC, Event.of("opened", "")).toCompletableFuture().join();
    server = ExampleServer.start(port, feed, "chat.html", start, new Speakers());
  }

  /** Starts the room on a port of the loopback interface; 0 takes a free one. */
  public static ChatServer start(int port) throws IOException {
    return new ChatServer(port);
  }

  /** Starts the room at {@code -Dport=}, 8080 by default, and runs until the process is ended. */
  public static void main(String[] args) throws IOException {
    try (ChatServer chat = start(Integer.getInteger("port", 8080))) {
      chat.server.await("or join   by ChatClient, which speaks from a terminal");
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** Takes what is said; it is acknowledged to the speaker when {@code onEvent} returns. */
  private final class Speakers implements EventChannelListener {
    @Override
    public void onEvent(EventChannel channel, Event event) {
      if (!event.type().equals(SAY) || event.isBinary() || !isMessage(event.data())) {
        // Throwing refuses the event: the speaker's send fails, and the channel goes on.
        throw new IllegalArgumentException("expected a name, a line end and a text");
      }
      feed.publish(TOPIC, Event.of(SAY, event.data()));
    }

    private static boolean isMessage(String data) {
      int name = data.indexOf('\n');
      int text = data.length() - name - 1;
      return name > 0 && name <= LONGEST_NAME && text > 0 && text <= LONGEST_TEXT;
    }
  }
}
