package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A network that loses packets at random: server and clients run in a network namespace of their
 * own, whose loopback interface drops some of what comes in. That needs root and nftables.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class PacketLossTest {
  // One by one, so that a loss holds up what follows, and then a lot at once.
  private static final int ONE_BY_ONE = 20;
  private static final int AT_ONCE = 300;

  private static final int FEWEST_DROPPED = 5;

  // TCP doubles its wait with each retransmission that is lost or unanswered. Eight in a row are
  // silent for longer than heartbeats allow, and a connection that is lost for it resumes: of 30 %
  // loss that comes to a run in some dozens, of 10 % to none in ten thousands.
  private static final int MOST_WITHOUT_SILENCE = 10;

  // Every segment and every answer may be lost several times in a row.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Pattern DROPPED = Pattern.compile("counter packets (\\d+) ");

  @BeforeAll
  static void namespaces() throws InterruptedException {
    try {
      JavaProcess.run(Stream.concat(network(1).stream(), Stream.of("true")).toList());
    } catch (IOException e) {
      Assumptions.abort("packets can be lost on Linux only, by root, with nft and ip: " + e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 30})
  void F10_eachEventArrivesOnceAndInOrderThoughPacketsAreLost(int percent, @TempDir Path folder)
      throws Exception {
    try (FeedProcess server = FeedProcess.startBy(network(percent));
        ClientProcess webSocket = client(server, Transport.WEBSOCKET, folder);
        ClientProcess sse = client(server, Transport.SSE, folder)) {
      List<ClientProcess> clients = List.of(webSocket, sse);
      long begin = System.nanoTime();
      for (ClientProcess client : clients) {
        client.journal.await("open", 1, PATIENCE);
      }
      for (int number = 1; number <= ONE_BY_ONE; number++) {
        server.publish(number);
        for (ClientProcess client : clients) {
          client.journal.await("event", number, PATIENCE);
        }
      }
      int all = ONE_BY_ONE + AT_ONCE;
      for (int number = ONE_BY_ONE + 1; number <= all; number++) {
        server.publish(number);
      }
      for (ClientProcess client : clients) {
        client.journal.await("event", all, PATIENCE);
        assertEquals(IntStream.rangeClosed(1, all).boxed().toList(), client.journal.numbers());
        assertEquals(List.of(), client.journal.lines("gap"));
        List<String> afterOpen = client.journal.lines();
        afterOpen =
            afterOpen.subList(
                afterOpen.indexOf(client.journal.lines("open").get(0)), afterOpen.size());
        int others = afterOpen.size() - all - 1;
        if (percent <= MOST_WITHOUT_SILENCE) {
          assertEquals(0, others, "calls beside the events: " + afterOpen);
        } else {
          assertEquals(
              2L * (client.journal.lines("open").size() - 1),
              others,
              "calls beside the events, and losses with their returns: " + afterOpen);
        }
      }
      long dropped = dropped(server);
      System.out.printf(
          "%d %% loss: %d events to %d clients in %d ms, %d packets dropped%n",
          percent,
          all,
          clients.size(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
          dropped);
      assertTrue(
          dropped >= FEWEST_DROPPED, "too few packets were dropped to prove anything: " + dropped);
    }
  }

  /** The command that runs another one in a new network, which loses so many percent. */
  private static List<String> network(int percent) {
    String setUp =
        "ip link set lo up && nft add table inet loss"
            + " && nft 'add chain inet loss in { type filter hook input priority 0; }'"
            + " && nft 'add rule inet loss in iifname lo numgen random mod 100 < "
            + percent
            + " counter drop' && exec \"$@\"";
    return List.of("unshare", "--net", "sh", "-c", setUp, "sh");
  }

  /** The command that runs another one in the network of that server. */
  private static List<String> networkOf(FeedProcess server) {
    return List.of("nsenter", "--net", "--target", Long.toString(server.pid()));
  }

  private static ClientProcess client(FeedProcess server, String transport, Path folder)
      throws IOException {
    return ClientProcess.startBy(
        networkOf(server), server.url(), transport, folder.resolve(transport));
  }

  private static long dropped(FeedProcess server) throws Exception {
    String rules =
        JavaProcess.run(
            Stream.concat(networkOf(server).stream(), Stream.of("nft", "list", "ruleset"))
                .toList());
    Matcher counter = DROPPED.matcher(rules);
    assertTrue(counter.find(), rules);
    return Long.parseLong(counter.group(1));
  }
}
