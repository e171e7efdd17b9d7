package io.eventchannel.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own, spoken to in lines, that can be killed and made to stand still. What runs in it
 * should end when its input does, so that nothing outlives a test that was killed itself.
 */
final class JavaProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20; // a JVM begins in it
  private static final String END = "\0";

  private final Process process;
  private final PrintStream lines;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private JavaProcess(Process process) {
    this.process = process;
    this.lines = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    // Reads of a pipe know no deadline.
    Thread reader = new Thread(this::readAnswers, "reads-process-" + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  private void readAnswers() {
    try (BufferedReader printed = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = printed.readLine(); line != null; line = printed.readLine()) {
        answers.add(line);
      }
    } catch (IOException killed) { // which ends its output, too
    } finally {
      answers.add(END);
    }
  }

  /** Runs a class of the tests. */
  static JavaProcess start(Class<?> main, String... arguments) throws IOException {
    return startBy(List.of(), main, arguments);
  }

  /** Runs a class of the tests by a command that is given the call of Java as its last words. */
  static JavaProcess startBy(List<String> launcher, Class<?> main, String... arguments)
      throws IOException {
    return start(launcher, System.getProperty("java.class.path"), main.getName(), arguments);
  }

  /** Runs a class from a class path of its own. */
  static JavaProcess start(
      List<String> launcher, String classPath, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // They live for seconds: a quick start is worth more than fast code.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(List.of(arguments));
    return new JavaProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  long pid() {
    return process.pid();
  }

  /** Gives the process a line. */
  void tell(String line) {
    lines.println(line);
  }

  /** Reads the next line that the process prints. */
  String answer() throws IOException {
    try {
      String line = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null || line.equals(END)) {
        throw new IOException(line == null ? "no answer of the process" : "the process has ended");
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for an answer");
    }
  }

  /** Makes the process stand still, all its threads at once, as a machine that falls asleep. */
  void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets a process that stands still go on. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    run(List.of("kill", "-" + name, Long.toString(pid())));
  }

  /** Runs a command and returns what it printed; fails unless it succeeds. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(command + " failed: " + printed);
    }
    return printed;
  }

  /** Asks the process to end, as an operator does (SIGTERM), and waits until it has. */
  void terminate() throws InterruptedException, IOException {
    signal("TERM"); // Process.destroy() would end its input as well
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the process was asked to end and did not");
    }
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
