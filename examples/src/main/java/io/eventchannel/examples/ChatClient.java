package io.eventchannel.examples;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.Receipt;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;

/**
 * Somebody in the room of {@link ChatServer}, at a terminal. Where WebSocket does not pass the
 * channel goes over to SSE by itself, and {@code send} becomes a POST; nothing here knows.
 */
public final class ChatClient implements AutoCloseable {
  private final ChannelClient client = OkHttpChannels.newClient(new OkHttpClient()).build();
  private final EventChannel room;
  private final String name;

  /**
   * Enters a room.
   *
   * @param url the feed's URL
   * @param screen gets each line to be shown, one after the other
   */
  public ChatClient(String url, String name, Consumer<String> screen) {
    this.name = name;
    this.room = client.open(url, new Screen(screen));
  }

  /** Runs at {@code -Durl=} as {@code -Dname=} until the input ends. */
  public static void main(String[] args) throws IOException {
    String url = System.getProperty("url", "http://localhost:8080/feed");
    String name = System.getProperty("name", System.getProperty("user.name", "somebody"));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    Consumer<String> screen = System.out::println;
    try (ChatClient chat = new ChatClient(url, name, screen)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        chat.say(line)
            .exceptionally(
                failure -> {
                  screen.accept("* not said: " + failure.getMessage());
                  return null;
                });
      }
    }
  }

  /** Says something; the stage completes when the room has it. */
  public CompletionStage<Receipt> say(String text) {
    return room.send(Event.of(ChatServer.SAY, name + "\n" + text));
  }

  @Override
  public void close() {
    client.close();
  }

  private record Screen(Consumer<String> lines) implements EventChannelListener {
    @Override
    public void onOpen(EventChannel channel) {
      lines.accept("* in the room, over " + channel.transport());
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      if (event.type().equals(ChatServer.SAY)) {
        String[] message = event.data().split("\n", 2);
        // What others wrote must not steer the terminal.
        lines.accept((message[0] + ": " + message[1]).replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?"));
      }
    }

    @Override
    public void onGap(EventChannel channel, Gap gap) {
      lines.accept("* some of what was said is gone");
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      lines.accept("* connection lost, coming back");
    }
  }
}
