package io.eventchannel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A scenario of {@link Compare}: what servers and load clients are told, and what is made of it.
 *
 * @param cases in which each server is run in each round; ratios are to the first case of the same
 *     server if there are several, and to the reference server otherwise
 */
record ComparedScenario(List<Case> cases, List<Column> columns) {
  private static final int WARM_UP_DELIVERIES = 200_000;
  private static final int PACED_DELIVERIES_A_SECOND = 20_000;
  private static final int PACED_SECONDS = 10;
  private static final int FLOOD_DELIVERIES = 1_000_000;
  private static final int TOPIC_DELIVERIES = 100_000;

  /**
   * One way to run a server.
   *
   * @param name empty if there is but one
   */
  record Case(String name, List<String> serverOptions, List<String> clientOptions) {
    /** The same behind another warm-up. */
    Case behind(String warm) {
      List<String> options = new ArrayList<>(clientOptions);
      int at = options.indexOf("--warm");
      if (at < 0) {
        throw new IllegalArgumentException("--parts: expected a scenario with a warm-up");
      }
      options.set(at + 1, warm);
      return new Case(name, serverOptions, options);
    }
  }

  static ComparedScenario of(String name, Options options) {
    return switch (name) {
      case "paced" -> paced(options);
      case "flood" -> flood(options);
      case "quiet" -> quiet(options);
      case "stopped" -> stopped(options);
      case "reset" -> reset(options);
      case "returning" -> returning(options);
      case "idle" -> idle(options);
      case "topics" -> topics(options);
      default ->
          throw new IllegalArgumentException(
              "--scenario: expected paced, flood, quiet, stopped, reset, returning, idle or topics,"
                  + " got "
                  + name);
    };
  }

  /**
   * The warm-up goes at twice the pace, as the compilers have nothing to learn for it from a flood,
   * in which some servers write many events at a time.
   */
  private static ComparedScenario paced(Options options) {
    int conns = options.number("--connections", 1_000);
    int rate = Math.max(1, PACED_DELIVERIES_A_SECOND / conns);
    return broadcast(
        options,
        conns,
        paced(Math.max(1, WARM_UP_DELIVERIES / conns), 2 * rate),
        paced(PACED_SECONDS * rate, rate));
  }

  private static ComparedScenario flood(Options options) {
    int conns = options.number("--connections", 1_000);
    return broadcast(
        options, conns, flood(WARM_UP_DELIVERIES, conns), flood(FLOOD_DELIVERIES, conns));
  }

  private static ComparedScenario broadcast(
      Options options, int conns, String warm, String publish) {
    List<String> client =
        List.of(
            "--conns", Integer.toString(conns),
            "--warm", options.text("--warm", warm),
            "--publish", options.text("--publish", publish));
    return new ComparedScenario(List.of(new Case("", List.of(), client)), costColumns());
  }

  private static ComparedScenario quiet(Options options) {
    String conns = options.text("--connections", "1");
    List<String> client =
        List.of(
            "--scenario", "broadcast",
            "--conns", conns,
            "--warm", options.text("--warm", "n=100000&size=200&rate=0,n=5000&size=200&rate=1000"),
            "--publish", options.text("--publish", "n=200&size=200&rate=10"),
            "--idle-seconds", options.text("--idle-seconds", "10"));
    List<Column> columns = new ArrayList<>(costColumns());
    columns.add(number("idle, CPU µs a second", 0, "idle_cpu_us_s", 1));
    columns.add(number("CPU µs an event beyond idle", 1, "cpu_us_msg_over_idle", 1));
    return new ComparedScenario(List.of(new Case("", List.of(), client)), columns);
  }

  private static ComparedScenario stopped(Options options) {
    int stopped = options.number("--stopped", 5);
    List<String> client =
        List.of(
            "--scenario", "stopped",
            "--conns", options.text("--connections", "100"),
            "--warm", options.text("--warm", "n=400&size=16384&rate=0"),
            "--publish", options.text("--publish", "n=800&size=16384&rate=100"));
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("all read", List.of(), with(client, "--stopped", 0)));
    if (stopped > 0) {
      cases.add(new Case(stopped + " stopped", List.of(), with(client, "--stopped", stopped)));
    }
    List<Column> columns =
        List.of(
            Column.spread(
                "delivered in time, %", 2, run -> 100 * run.get("delivered") / run.get("expected")),
            Column.sum("lost", run -> run.get("lost")),
            Column.sum("duplicates", run -> run.get("dups")),
            Column.sum("others closed", run -> run.get("closed")),
            number("p50 ms", 2, "p50_us", 1e3),
            number("p99 ms", 2, "p99_us", 1e3),
            Column.ratio("p99 ÷ all read", run -> run.get("p99_us")),
            Column.spread("CPU µs an event", 2, Run::cpuPerEvent),
            number("heap before, MB", 1, "heap_before", 1e6),
            number("heap after, MB", 1, "heap_after", 1e6),
            number("connections left at the server", 0, "server_connections", 1));
    return new ComparedScenario(cases, columns);
  }

  private static ComparedScenario reset(Options options) {
    int conns = options.number("--connections", 1_000);
    List<String> client =
        List.of(
            "--scenario", "reset",
            "--conns", Integer.toString(conns),
            "--reset", options.text("--reset", Integer.toString(conns / 2)),
            "--warm", options.text("--warm", flood(WARM_UP_DELIVERIES, conns)),
            "--publish", options.text("--publish", "n=320&size=200&rate=40"));
    List<Column> columns =
        List.of(
            Column.sum("others closed", run -> run.get("innocent_closed")),
            Column.sum("lost by others", run -> run.get("innocent_lost")),
            Column.sum("duplicates of others", run -> run.get("innocent_dups")),
            Column.sum("lost over resets", run -> run.get("reset_lost")),
            Column.sum("duplicates over resets", run -> run.get("reset_dups")),
            Column.sum("reset", run -> run.get("reset")),
            Column.sum("back", run -> run.get("back")),
            number("back p50 ms", 1, "back_p50_us", 1e3),
            number("back p99 ms", 1, "back_p99_us", 1e3),
            number("back max ms", 1, "back_max_us", 1e3));
    return new ComparedScenario(List.of(new Case("", List.of(), client)), columns);
  }

  private static ComparedScenario returning(Options options) {
    List<String> client =
        List.of(
            "--scenario", "returning",
            "--conns", options.text("--connections", "10000"),
            "--publish", options.text("--publish", "n=100&size=200&rate=50"));
    List<Column> columns =
        List.of(
            Column.sum("served", run -> run.get("served")),
            Column.sum("lost", run -> run.get("lost")),
            Column.sum("duplicates", run -> run.get("dups")),
            number("until the last has all, s", 2, "wall_s", 1),
            number("CPU µs a connection", 0, "cpu_us_conn", 1),
            Column.ratio("÷ reference", run -> run.get("cpu_us_conn")),
            number("CPU µs an event", 2, "cpu_us_msg", 1),
            number("CPU µs to open one that has missed nothing", 0, "opening_cpu_us_conn", 1));
    return new ComparedScenario(List.of(new Case("", List.of(), client)), columns);
  }

  private static ComparedScenario idle(Options options) {
    List<String> client =
        List.of(
            "--scenario", "idle",
            "--conns", options.text("--connections", "5000"),
            "--publish", options.text("--publish", "n=10&size=200&rate=5"),
            "--idle-seconds", options.text("--idle-seconds", "20"));
    List<Column> columns =
        List.of(
            number("open, bytes a connection", 0, "open_bytes_conn", 1),
            number("after events", 0, "received_bytes_conn", 1),
            number("after idling", 0, "idled_bytes_conn", 1),
            Column.difference("beyond reference", run -> run.get("idled_bytes_conn")),
            number("CPU µs a second", 0, "idle_cpu_us_s", 1),
            Column.sum("lost", run -> run.get("lost")),
            Column.sum("closed", run -> run.get("closed")));
    return new ComparedScenario(List.of(new Case("", List.of(), client)), columns);
  }

  private static ComparedScenario topics(Options options) {
    int topics = options.number("--topics", 100_000);
    int each = options.number("--topics-each", 50);
    int conns = topics / each;
    double rate = options.number("--deliveries-a-second", 5_000);
    List<String> single = atRate(conns, TOPIC_DELIVERIES, rate);
    List<String> broadcast = atRate(conns, TOPIC_DELIVERIES / conns, rate / conns);
    List<Case> cases =
        List.of(
            topics("one topic, one subscriber", single, topics, 1, each),
            topics("a topic a connection", single, conns, conns, 1),
            topics(topics + " topics", single, topics, topics, each),
            topics("one topic, all subscribe", broadcast, 1, 1, 1));
    List<Column> columns = new ArrayList<>(costColumns());
    columns.add(Column.sum("strays", run -> run.get("strays")));
    return new ComparedScenario(cases, columns);
  }

  private static List<String> atRate(int conns, int events, double rate) {
    String query = "n=" + events + "&size=200&rate=" + rate;
    return List.of("--conns", Integer.toString(conns), "--warm", query, "--publish", query);
  }

  private static Case topics(String name, List<String> client, int topics, int active, int each) {
    List<String> server =
        List.of("--topics", Integer.toString(topics), "--active", Integer.toString(active));
    List<String> all = new ArrayList<>(client);
    all.addAll(List.of("--scenario", "broadcast"));
    all.addAll(server);
    return new Case(name, server, with(all, "--topics-each", each));
  }

  private static List<Column> costColumns() {
    return List.of(
        Column.spread("CPU µs an event", 2, Run::cpuPerEvent),
        Column.ratio("÷ reference", Run::cpuPerEvent),
        Column.spread("switches given up", 3, run -> run.switchesPerEvent("vcsw")),
        Column.spread("taken away", 3, run -> run.switchesPerEvent("ivcsw")),
        number("p50 ms", 2, "p50_us", 1e3),
        number("p99 ms", 2, "p99_us", 1e3),
        Column.sum("lost", run -> run.get("lost")),
        Column.sum("duplicates", run -> run.get("dups")),
        Column.sum("closed", run -> run.get("closed")));
  }

  private static Column number(String title, int decimals, String name, double unit) {
    ToDoubleFunction<Run> value = run -> run.get(name) / unit;
    return Column.spread(title, decimals, value);
  }

  private static List<String> with(List<String> options, String name, int value) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(name, Integer.toString(value)));
    return all;
  }

  private static String paced(int events, int rate) {
    return "n=" + events + "&size=200&rate=" + rate;
  }

  private static String flood(int deliveries, int connections) {
    return "n=" + Math.max(1, deliveries / connections) + "&size=200&rate=0";
  }
}
