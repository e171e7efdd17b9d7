package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;

/** Writes pictures of {@link ImageServer} to files; the same over WebSocket and over SSE. */
public final class ImageReceiver implements AutoCloseable {
  private final ChannelClient client;
  private final CompletableFuture<Long> received = new CompletableFuture<>();

  /**
   * Begins to receive.
   *
   * @param url the feed's URL
   * @param folder where the files go, {@code 1.png} first
   * @param wanted how many
   */
  public ImageReceiver(String url, TransportPreference transport, Path folder, int wanted) {
    client = OkHttpChannels.newClient(new OkHttpClient()).transportPreference(transport).build();
    client.open(url, new Album(folder, wanted));
  }

  /** Receives {@code -Dcount=} pictures, 10 by default, from {@code -Durl=} to {@code -Dto=}. */
  public static void main(String[] args) throws IOException {
    String url = System.getProperty("url", "http://localhost:8080/feed");
    Path folder = Files.createDirectories(Path.of(System.getProperty("to", "target/pictures")));
    TransportPreference transport =
        Boolean.getBoolean("sse")
            ? TransportPreference.sseOnly()
            : TransportPreference.webSocketFirst();
    int wanted = Integer.getInteger("count", 10);
    try (ImageReceiver receiver = new ImageReceiver(url, transport, folder, wanted)) {
      System.out.println(receiver.received().join() + " bytes in " + folder.toAbsolutePath());
    }
  }

  /** How many bytes all pictures have, once the last one is written. */
  public CompletableFuture<Long> received() {
    return received;
  }

  @Override
  public void close() {
    client.close();
  }

  private final class Album implements EventChannelListener {
    private final Path folder;
    private final int wanted;
    // Of the channel's calls, which come one after the other.
    private int count;
    private long bytes;

    Album(Path folder, int wanted) {
      this.folder = folder;
      this.wanted = wanted;
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      if (!event.isBinary() || count == wanted) {
        return;
      }
      count++;
      bytes += event.bytes().length;
      try {
        Files.write(folder.resolve(count + ".png"), event.bytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e); // is logged, and the next picture follows
      }
      if (count == wanted) {
        received.complete(bytes);
      }
    }
  }
}
