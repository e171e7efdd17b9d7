package io.eventchannel.it;

import io.eventchannel.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server in a process of its own, with a log in memory, that can be killed or asked to end. It
 * publishes each number that it is given and answers with the event's ID.
 */
final class FeedProcess implements AutoCloseable {
  /** Over what time it spreads the return of its clients when it is asked to end. */
  static final Duration DRAIN_WINDOW = Duration.ofSeconds(60);

  private static final String CONNECTIONS = "connections";
  private static final String HEAP = "heap";
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final JavaProcess process;
  private final int port;

  private FeedProcess(JavaProcess process) throws IOException {
    this.process = process;
    this.port = Integer.parseInt(process.answer());
  }

  static FeedProcess start() throws IOException {
    return startBy(List.of());
  }

  /** Starts one with another heartbeat. */
  static FeedProcess start(Duration heartbeat) throws IOException {
    return new FeedProcess(
        JavaProcess.start(FeedProcess.class, Long.toString(heartbeat.toMillis())));
  }

  /** Starts it by a command, such as one that gives it a network of its own. */
  static FeedProcess startBy(List<String> launcher) throws IOException {
    return new FeedProcess(JavaProcess.startBy(launcher, FeedProcess.class));
  }

  /** What runs in the process. */
  public static void main(String[] args) throws IOException {
    Duration heartbeat = args.length == 0 ? HEARTBEAT : Duration.ofMillis(Long.parseLong(args[0]));
    try (FeedServer server = FeedServer.start(endpoint -> endpoint.heartbeat(heartbeat));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(server)));
      System.out.println(server.port());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(answer(server, line));
      }
    }
  }

  private static String answer(FeedServer server, String line) {
    switch (line) {
      case CONNECTIONS:
        return Integer.toString(server.endpoint.connections());
      case HEAP:
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
          System.gc();
          least =
              Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return Long.toString(least);
      default:
        return server.publish("numbers", Event.of("number", line));
    }
  }

  private static void drain(FeedServer server) {
    try {
      server.endpoint.drain(DRAIN_WINDOW).toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** The address of the feed. */
  String url() {
    return "http://127.0.0.1:" + port + FeedServer.PATH;
  }

  /** Publishes and returns the event's ID. */
  String publish(int number) {
    return ask(Integer.toString(number));
  }

  /** How many connections the server counts. */
  int connections() {
    return Integer.parseInt(ask(CONNECTIONS));
  }

  /** The least of the heap that repeated collections leave in use, in bytes. */
  long usedHeap() {
    return Long.parseLong(ask(HEAP));
  }

  /** The process itself. */
  JavaProcess process() {
    return process;
  }

  private String ask(String line) {
    process.tell(line);
    try {
      return process.answer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks the process to end, which it does after a drain. */
  void terminate() throws InterruptedException, IOException {
    process.terminate();
  }

  /** Kills the process, which gets no chance to say goodbye. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    kill();
  }
}
