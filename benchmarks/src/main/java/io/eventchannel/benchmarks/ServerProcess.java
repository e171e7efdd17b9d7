package io.eventchannel.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server under measurement in a process of its own, which ends with this. */
final class ServerProcess implements AutoCloseable {
  // A compiler's thread that ends takes along what it used, which is to be left out.
  private static final List<String> FLAGS =
      List.of(
          "-Xms512m",
          "-Xmx3g",
          "-XX:+UseG1GC",
          "-XX:MarkSweepDeadRatio=0", // or full collections leave some garbage where it lies
          "-XX:-UseDynamicNumberOfCompilerThreads");

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts one of ours, {@code ours-<container>-ws} or {@code -sse}, with {@code -loops<n>} at the
   * end if it should not have as many loops as by default, a {@link Peer}, or the program {@code
   * floor}.
   *
   * @param options further ones of the server
   */
  static ServerProcess start(String name, int port, String floor, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>();
    String up = "up";
    if (isFloor(name)) {
      if (floor.isEmpty()) {
        throw new IllegalArgumentException(name + " needs --floor");
      }
      command.addAll(List.of(floor, Integer.toString(port)));
      up = ""; // whatever it prints
    } else {
      command.addAll(java(FLAGS));
      if (isOurs(name)) {
        command.add(BroadcastServer.class.getName());
        String[] parts = name.split("-");
        command.addAll(List.of("--container", parts[1]));
        if (parts.length > 3) {
          if (!parts[3].matches("loops[0-9]+")) {
            throw new IllegalArgumentException("server: expected -loops<n> at the end of " + name);
          }
          command.addAll(List.of("--loops", parts[3].substring("loops".length())));
        }
      } else {
        command.add(Peer.class.getName());
        command.addAll(List.of("--peer", name.startsWith("nio-") ? "nio" : name));
      }
      command.addAll(List.of("--port", Integer.toString(port)));
      command.addAll(options);
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    ServerProcess server = new ServerProcess(process);
    // Read to its end by nobody: no server prints more than this line.
    BufferedReader printed = process.inputReader(StandardCharsets.UTF_8);
    String line = printed.readLine();
    if (line == null || !line.startsWith(up)) {
      server.close();
      throw new IOException(name + " did not start: " + line);
    }
    return server;
  }

  static boolean isOurs(String name) {
    return name.startsWith("ours-");
  }

  static boolean isFloor(String name) {
    return name.startsWith("floor-");
  }

  /** The command of a program of this build, without its class. */
  static List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
