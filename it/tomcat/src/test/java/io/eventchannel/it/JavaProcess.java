package io.eventchannel.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own, spoken to in lines, that can be killed and made to stand still. What runs in it
 * should end when its input does, so that nothing outlives a test that was killed itself.
 */
final class JavaProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final PrintStream lines;

  private JavaProcess(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.lines = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
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

  boolean isAlive() {
    return process.isAlive();
  }

  /** Gives the process a line. */
  void tell(String line) {
    lines.println(line);
  }

  /** Reads the next line that the process prints. */
  String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the process has ended");
    }
    return line;
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
