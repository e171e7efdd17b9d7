package io.eventchannel.it;

import io.eventchannel.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A server in a process of its own, with a log in memory, that can be killed. It publishes each
 * line that it is given and answers with the event's ID.
 */
final class FeedProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final PrintStream lines;
  private final int port;

  private FeedProcess(Process process) throws IOException {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.lines = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.port = Integer.parseInt(answer());
  }

  static FeedProcess start() throws IOException {
    return new FeedProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FeedProcess.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** What runs in the process. */
  public static void main(String[] args) throws IOException {
    try (FeedServer server = FeedServer.start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(server.port());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(server.publish("numbers", Event.of("number", line)));
      }
    }
  }

  int port() {
    return port;
  }

  /** Publishes and returns the event's ID. */
  String publish(int number) {
    lines.println(number);
    try {
      return answer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the server's process has ended");
    }
    return line;
  }

  /** Kills the process, which gets no chance to say goodbye. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
