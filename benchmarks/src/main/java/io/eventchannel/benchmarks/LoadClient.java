package io.eventchannel.benchmarks;

import java.io.IOException;

/**
 * Loads a server that has a {@link ControlSurface}: opens connections, has events broadcast, and
 * prints one line of JSON about what came and what the server used for it. One thread does it all.
 *
 * <pre>{@code
 * LoadClient [--scenario broadcast] --mode ws --port 9000 --conns 1000
 *     --subprotocol eventchannel.v1.bytes --pid 4711
 *     --warm 'n=200&size=200&rate=0' --publish 'n=1000&size=200&rate=0'
 * }</pre>
 *
 * <p>Other scenarios are {@code stopped}, {@code reset}, {@code returning} and {@code idle}; the
 * class of each says what it does and what options it has. The server's processor time is without
 * its compilers' threads in {@code cpu_us_msg}, that is for each event that was delivered. {@code
 * lost}, {@code dups} and {@code late} are of the events of {@code --publish}, over all
 * connections.
 */
public final class LoadClient {
  private LoadClient() {}

  /** Runs it; see the class. */
  public static void main(String[] args) throws IOException {
    Options options = new Options(args);
    LoadedServer server = LoadedServer.of(options);
    Scenario scenario = scenario(options.text("--scenario", "broadcast"), server, options);
    options.end();
    System.out.println(scenario.run());
  }

  private static Scenario scenario(String name, LoadedServer server, Options options)
      throws IOException {
    return switch (name) {
      case "broadcast" -> new BroadcastScenario(server, options);
      case "stopped" -> new StoppedScenario(server, options);
      case "reset" -> new ResetScenario(server, options);
      case "returning" -> new ReturningScenario(server, options);
      case "idle" -> new IdleScenario(server, options);
      default ->
          throw new IllegalArgumentException(
              "--scenario: expected broadcast, stopped, reset, returning or idle, got " + name);
    };
  }
}
