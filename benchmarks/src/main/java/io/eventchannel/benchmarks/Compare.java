package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares servers. Each run has a server and a load client in processes of their own; a round runs
 * every server once, one after the other, so that what else the machine does falls on all of them.
 * Prints a line for each run, and the table: medians with the least and the most, and ratios to the
 * reference in the same round, {@code --reference} or else the first server.
 *
 * <pre>{@code
 * Compare --scenario paced --connections 1000 --rounds 5 \
 *     --servers ours-tomcat-ws,tomcat-ws-async,tomcat-ws-basic
 * }</pre>
 *
 * <p>With {@code --parts 4} the servers of a round are all started and warmed up first, by what the
 * scenario measures, and then measured four times in turn, there and back, each time with new
 * connections and behind what {@code --again} has published. A run is such a part then, and what
 * the machine does for longer than one falls on all in the same measure.
 *
 * <p>{@code paced} is 20,000 deliveries a second for ten seconds, {@code flood} a million as fast
 * as they go, both of 200 bytes; each behind a warm-up of 200,000 deliveries of its kind. The other
 * scenarios are those of {@link ComparedScenario}. {@code --warm} and {@code --publish} replace
 * what they have published. Names of servers are those of {@link Peer}, with {@code nio-ws} and
 * {@code nio-sse} for its {@code nio}, {@code ours-tomcat-ws} and so on, and {@code floor-ws} and
 * {@code floor-sse} for a program that {@code --floor} names; {@code floor-ws-16} asks it for
 * batches of 16 events.
 */
public final class Compare {
  private static final String SUBPROTOCOL = "eventchannel.v1.bytes";

  private final int port;
  private final String loadClient;
  private final String floor;

  private Compare(Options options) {
    port = options.number("--port", 9_000);
    loadClient = options.text("--load-client", "");
    floor = options.text("--floor", "");
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = new Options(args);
    Compare compare = new Compare(options);
    ComparedScenario scenario = ComparedScenario.of(options.text("--scenario", "paced"), options);
    int rounds = options.number("--rounds", 5);
    int parts = options.number("--parts", 0);
    String again = parts == 0 ? "" : options.text("--again", "n=1&size=200&rate=0");
    List<String> servers =
        List.of(options.text("--servers", "ours-tomcat-ws,tomcat-ws-basic").split(","));
    String reference = options.text("--reference", servers.get(0));
    options.end();
    if (!servers.contains(reference)) {
      throw new IllegalArgumentException("--reference: expected one of the servers");
    }

    ComparisonTable table = new ComparisonTable(scenario.columns());
    for (int round = 1; round <= rounds; round++) {
      if (parts > 0) {
        compare.inParts(round + ".", parts, again, servers, scenario, reference, table);
        continue;
      }
      for (String server : servers) {
        for (ComparedScenario.Case one : scenario.cases()) {
          String row = row(server, one);
          String json = compare.run(server, one);
          System.out.println(round + " " + row + " " + json);
          boolean alone = scenario.cases().size() == 1;
          table.add(row, alone ? reference : row(server, scenario.cases().get(0)), Run.of(json));
        }
      }
    }
    System.out.println();
    System.out.print(table);
  }

  private void inParts(
      String round,
      int parts,
      String again,
      List<String> servers,
      ComparedScenario scenario,
      String reference,
      ComparisonTable table)
      throws IOException, InterruptedException {
    if (scenario.cases().size() > 1 || parts % 2 == 1) {
      throw new IllegalArgumentException(
          "--parts: expected an even number, and a scenario of one case");
    }
    ComparedScenario.Case one = scenario.cases().get(0);
    ComparedScenario.Case next = one.behind(again);
    List<ServerProcess> running = new ArrayList<>();
    try {
      for (int i = 0; i < servers.size(); i++) {
        int at = port + 2 * i;
        running.add(start(servers.get(i), at, one));
        load(servers.get(i), at, one, running.get(i).pid());
      }
      for (int part = 1; part <= parts; part++) {
        for (int turn = 0; turn < servers.size(); turn++) {
          int i = part % 2 == 1 ? turn : servers.size() - 1 - turn;
          String server = servers.get(i);
          String json = load(server, port + 2 * i, next, running.get(i).pid());
          System.out.println(round + part + " " + server + " " + json);
          table.add(server, reference, Run.of(json));
        }
      }
    } finally {
      running.forEach(ServerProcess::close);
    }
  }

  private static String row(String server, ComparedScenario.Case one) {
    return one.name().isEmpty() ? server : server + ", " + one.name();
  }

  private String run(String name, ComparedScenario.Case one)
      throws IOException, InterruptedException {
    try (ServerProcess server = start(name, port, one)) {
      return load(name, port, one, server.pid());
    }
  }

  private ServerProcess start(String name, int at, ComparedScenario.Case one) throws IOException {
    if (!one.serverOptions().isEmpty() && !ServerProcess.isOurs(name)) {
      throw new IllegalArgumentException(name + " has no " + one.serverOptions());
    }
    return ServerProcess.start(name, at, floor, one.serverOptions());
  }

  private String load(String name, int at, ComparedScenario.Case one, long pid)
      throws IOException, InterruptedException {
    Process client =
        new ProcessBuilder(clientCommand(name, at, one, pid))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(client::destroyForcibly));
    String printed =
        new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    if (client.waitFor() != 0) {
      throw new IOException("the load client failed at " + name + ": " + printed);
    }
    return printed;
  }

  private List<String> clientCommand(String name, int at, ComparedScenario.Case one, long pid) {
    List<String> command = new ArrayList<>();
    if (loadClient.isEmpty()) {
      command.addAll(ServerProcess.java(List.of("-Xmx1g")));
      command.add(LoadClient.class.getName());
    } else {
      command.add(loadClient);
    }
    boolean webSocket = name.contains("-ws");
    command.addAll(List.of("--mode", webSocket ? "ws" : "sse"));
    command.addAll(List.of("--port", Integer.toString(at)));
    command.addAll(List.of("--pid", Long.toString(pid)));
    if (webSocket) { // offered to all: a container may keep what was asked
      command.addAll(List.of("--subprotocol", SUBPROTOCOL));
    }
    boolean batches = ServerProcess.isFloor(name) && name.endsWith("-16");
    for (String option : one.clientOptions()) {
      command.add(batches && option.contains("rate=") ? batched(option) : option);
    }
    return command;
  }

  /** The same queries, each for batches. */
  private static String batched(String queries) {
    return queries.replaceAll("(?=,|$)", "&batch=16");
  }
}
