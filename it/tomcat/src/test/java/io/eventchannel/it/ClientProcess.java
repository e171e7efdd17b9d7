package io.eventchannel.it;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.client.FileCursorStore;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;

/**
 * A client in a process of its own, with one channel, that writes what its listener is told into a
 * {@link Journal}. Each call returns when its line is in the file, so the file outlives the process
 * at any moment.
 */
final class ClientProcess implements AutoCloseable {
  private static final String NO_CURSOR = "-";

  final Journal journal;
  private final JavaProcess process;

  private ClientProcess(JavaProcess process, Journal journal) {
    this.process = process;
    this.journal = journal;
  }

  /** Opens a channel over one transport, which keeps no position beyond its process. */
  static ClientProcess start(String url, String transport, Path journal) throws IOException {
    return startBy(List.of(), url, transport, journal);
  }

  /** The same, by a command that gives the process its surroundings. */
  static ClientProcess startBy(List<String> launcher, String url, String transport, Path journal)
      throws IOException {
    return startBy(launcher, url, transport, NO_CURSOR, journal);
  }

  /** Opens a channel that keeps its position in a file. */
  static ClientProcess startAt(Path cursor, String url, String transport, Path journal)
      throws IOException {
    return startBy(List.of(), url, transport, cursor.toString(), journal);
  }

  private static ClientProcess startBy(
      List<String> launcher, String url, String transport, String cursor, Path journal)
      throws IOException {
    return new ClientProcess(
        JavaProcess.startBy(
            launcher, ClientProcess.class, url, transport, cursor, journal.toString()),
        new Journal(journal));
  }

  /** What runs in the process. */
  public static void main(String[] args) throws IOException {
    String url = args[0];
    TransportPreference transport = TransportPreference.of(args[1]);
    ChannelRequest.Builder request = ChannelRequest.builder(url);
    if (!args[2].equals(NO_CURSOR)) {
      request.cursorStore(FileCursorStore.of(Path.of(args[2])));
    }
    try (FileChannel journal =
            FileChannel.open(
                Path.of(args[3]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ChannelClient client =
            OkHttpChannels.newClient(new OkHttpClient()).transportPreference(transport).build()) {
      client.open(request.build(), new Writer(journal));
      while (System.in.read() >= 0) {} // until the test ends, if it does not kill this before
    }
  }

  JavaProcess process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }

  /** What the listener of the process writes, a line a call. */
  private static final class Writer implements EventChannelListener {
    private final FileChannel file;

    Writer(FileChannel file) {
      this.file = file;
    }

    @Override
    public void onOpen(EventChannel channel) {
      write("open " + channel.transport());
    }

    @Override
    public void onEvent(EventChannel channel, Event event) {
      String data = event.data();
      int end = data.indexOf(' ');
      write("event " + event.id() + " " + (end < 0 ? data : data.substring(0, end)));
    }

    @Override
    public void onGap(EventChannel channel, Gap gap) {
      write("gap " + gap);
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      write("lost " + reason);
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      write("closed " + reason);
    }

    private void write(String line) {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      try {
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The calls that a listener in another process has written so far. */
  static final class Journal {
    private static final Duration PATIENCE = Duration.ofSeconds(20); // a JVM begins in it

    private final Path file;

    /** One event, as it was handled. */
    record Handled(String id, int number) {}

    private Journal(Path file) {
      this.file = file;
    }

    /** The lines that are complete: a process that was killed may have written half of one. */
    List<String> lines() {
      if (!Files.exists(file)) {
        return List.of(); // the process has not come so far
      }
      try {
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The lines of one kind of call: open, event, gap, lost or closed. */
    List<String> lines(String kind) {
      return lines().stream().filter(line -> line.startsWith(kind + " ")).toList();
    }

    /** The events, in the order in which they were handled. */
    List<Handled> events() {
      List<Handled> events = new ArrayList<>();
      for (String line : lines("event")) {
        String[] words = line.split(" ");
        events.add(new Handled(words[1], Integer.parseInt(words[2])));
      }
      return events;
    }

    /** The numbers of the events. */
    List<Integer> numbers() {
      return events().stream().map(Handled::number).toList();
    }

    /** Waits until at least so many calls of a kind were made. */
    void await(String kind, int atLeast) {
      await(kind, atLeast, PATIENCE);
    }

    /** The same, with patience for a network that is slow. */
    void await(String kind, int atLeast, Duration patience) {
      FeedServer.await(
          patience, () -> lines(kind).size() >= atLeast, () -> "the journal says " + last(lines()));
    }

    private static List<String> last(List<String> lines) {
      return lines.subList(Math.max(0, lines.size() - 10), lines.size());
    }
  }
}
