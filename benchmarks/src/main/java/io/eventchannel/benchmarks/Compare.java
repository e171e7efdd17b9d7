package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares servers by what they use for each event that is delivered. Each run has a server and a
 * load client in processes of their own; a round runs every server once, one after the other, so
 * that what else the machine does falls on all of them. Prints a line for each run, and the table.
 *
 * <pre>{@code
 * Compare --scenario paced --connections 1000 --rounds 5 \
 *     --servers ours-tomcat-ws,tomcat-ws-async,tomcat-ws-basic [--load-client PATH]
 * }</pre>
 *
 * <p>{@code paced} is 20 events a second for ten seconds, {@code flood} a million deliveries as
 * fast as they go, both of 200 bytes; each behind a warm-up of 200,000 deliveries. Names are those
 * of {@link Peer}, with {@code nio-ws} and {@code nio-sse} for its {@code nio}, and {@code
 * ours-tomcat-ws} and so on.
 */
public final class Compare {
  private static final int WARM_UP_DELIVERIES = 200_000;
  private static final int FLOOD_DELIVERIES = 1_000_000;
  private static final String SUBPROTOCOL = "eventchannel.v1.bytes";

  private final int port;
  private final int connections;
  private final String publish;
  private final String loadClient;

  private Compare(int port, int connections, String scenario, String loadClient) {
    this.port = port;
    this.connections = connections;
    this.loadClient = loadClient;
    publish =
        switch (scenario) {
          case "paced" -> "n=200&size=200&rate=20";
          case "flood" -> flood(FLOOD_DELIVERIES);
          default ->
              throw new IllegalArgumentException(
                  "--scenario: expected paced or flood, got " + scenario);
        };
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = new Options(args);
    int port = options.number("--port", 9_000);
    String scenario = options.text("--scenario", "paced");
    int connections = options.number("--connections", 1_000);
    int rounds = options.number("--rounds", 5);
    String[] servers = options.text("--servers", "ours-tomcat-ws,tomcat-ws-basic").split(",");
    String loadClient = options.text("--load-client", "");
    options.end();

    Compare compare = new Compare(port, connections, scenario, loadClient);
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      for (String server : servers) {
        String json = compare.run(server);
        System.out.println(round + " " + server + " " + json);
        runs.computeIfAbsent(server, name -> new ArrayList<>()).add(Run.of(json));
      }
    }
    System.out.println();
    System.out.print(ComparisonTable.of(runs));
  }

  private String flood(int deliveries) {
    return "n=" + Math.max(1, deliveries / connections) + "&size=200&rate=0";
  }

  private String run(String name) throws IOException, InterruptedException {
    try (ServerProcess server = ServerProcess.start(name, port)) {
      Process client =
          new ProcessBuilder(clientCommand(name, server.pid()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String printed =
          new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
      if (client.waitFor() != 0) {
        throw new IOException("the load client failed at " + name + ": " + printed);
      }
      return printed;
    }
  }

  private List<String> clientCommand(String name, long pid) {
    List<String> command = new ArrayList<>();
    if (loadClient.isEmpty()) {
      command.addAll(ServerProcess.java(List.of("-Xmx1g")));
      command.add(LoadClient.class.getName());
    } else {
      command.add(loadClient);
    }
    boolean webSocket = name.contains("-ws");
    command.addAll(List.of("--mode", webSocket ? "ws" : "sse"));
    command.addAll(List.of("--port", Integer.toString(port)));
    command.addAll(List.of("--conns", Integer.toString(connections)));
    command.addAll(List.of("--warm", flood(WARM_UP_DELIVERIES)));
    command.addAll(List.of("--publish", publish));
    command.addAll(List.of("--pid", Long.toString(pid)));
    if (webSocket && ServerProcess.isOurs(name)) {
      command.addAll(List.of("--subprotocol", SUBPROTOCOL));
    }
    return command;
  }

  /** What one run found; times in microseconds. */
  record Run(
      double cpuPerEvent, double switchesPerEvent, double p50, double p99, long lost, long dups) {

    /** From what a load client printed. */
    static Run of(String json) {
      double delivered = Math.max(1, JsonNumbers.of(json, "delivered"));
      double cpuSeconds = JsonNumbers.of(json, "cpu_s") - JsonNumbers.of(json, "cpu_jit_s");
      return new Run(
          cpuSeconds * 1e6 / delivered,
          (JsonNumbers.of(json, "vcsw") + JsonNumbers.of(json, "ivcsw")) / delivered,
          JsonNumbers.of(json, "p50_us"),
          JsonNumbers.of(json, "p99_us"),
          (long) JsonNumbers.of(json, "lost"),
          (long) JsonNumbers.of(json, "dups"));
    }
  }
}
