package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultProxyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int SILENCE_MILLIS = 50;

  private final List<Socket> clients = new ArrayList<>();
  private ScriptedServer server;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    proxy = new FaultProxy(server.port());
  }

  @AfterEach
  void close() throws IOException {
    int port = proxy.port();
    for (Socket client : clients) {
      client.close();
    }
    proxy.close();
    server.close();
    assertEquals(
        0,
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("fault-proxy-" + port))
            .count());
  }

  @Test
  void withoutFaultsBytesAndEndsPassBothWays() throws Exception {
    Socket client = connect();
    RawConnection atServer = server.accept();
    send(client, "GET / HTTP/1.1\r\n\r\n");
    assertEquals("GET", atServer.readRequest().method());
    atServer.write("down");
    atServer.finish();
    assertEquals("down", readAll(client));
    client.shutdownOutput();
    atServer.awaitEnd();
    assertEquals(1, proxy.accepted());
    assertEquals(0, proxy.cuts());
  }

  @Test
  void aMegabyteEachWayComesUnchanged() throws Exception {
    byte[] bytes = new byte[1 << 20];
    new Random(1).nextBytes(bytes);
    server.onConnection(
        connection -> {
          Thread writer = new Thread(() -> write(connection, bytes));
          writer.start();
          connection.awaitEnd();
          writer.join();
        });
    Socket client = connect();
    Thread writer = new Thread(() -> write(client, bytes));
    writer.start();
    assertArrayEquals(bytes, client.getInputStream().readNBytes(bytes.length));
    writer.join();
    ProxiedConnection connection = proxy.connections().get(0);
    assertEquals(bytes.length, connection.forwarded(Direction.DOWN));
    client.close();
  }

  @Test
  void aResetOfOneSideIsAResetForTheOther() throws Exception {
    Socket client = connect();
    server.accept().reset();
    assertReset(client);
    assertEquals(0, proxy.cuts());
  }

  @Test
  void aCutComesAfterExactlyThatManyBytesOfTheStream() throws Exception {
    byte[] stream = "0123456789".getBytes(StandardCharsets.US_ASCII);
    server.onEveryConnection(connection -> writeUntilCut(connection, stream));
    for (Cut how : Cut.values()) {
      for (int bytes = 0; bytes <= stream.length; bytes++) {
        proxy.planNext(FaultPlan.none().cutAfter(bytes, Direction.DOWN, how));
        Socket client = connect();
        InputStream in = client.getInputStream();
        StringBuilder got = new StringBuilder();
        try {
          for (int next = in.read(); next >= 0; next = in.read()) {
            got.append((char) next);
          }
          assertEquals(Cut.FIN, how);
        } catch (SocketException e) {
          assertEquals(Cut.RST, how);
        }
        assertEquals("0123456789".substring(0, bytes), got.toString());
        client.close();
      }
    }
    assertEquals(22, proxy.cuts());
  }

  @Test
  void aCutOfTheUpwardDirectionCountsUpwardBytesOnly() throws Exception {
    proxy.planNext(FaultPlan.none().cutAfter(3, Direction.UP, Cut.RST));
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("many more than three");
    assertEquals('m', client.getInputStream().read());
    assertEquals(0, proxy.cuts());
    send(client, "12345");
    proxy.awaitCuts(1, PATIENCE);
    atServer.awaitEnd();
  }

  @Test
  void allLiveConnectionsCanBeCut() throws Exception {
    Socket one = connect();
    Socket two = connect();
    server.accept();
    server.accept();
    proxy.cutAll(Cut.FIN);
    assertEquals("", readAll(one));
    assertEquals("", readAll(two));
    assertEquals(2, proxy.cuts());
    proxy.cutAll(Cut.RST);
    assertEquals(2, proxy.cuts());
    Socket three = connect();
    server.accept();
    proxy.cutAll(Cut.RST);
    assertReset(three);
    assertEquals(3, proxy.cuts());
  }

  @Test
  void aFinCutEndsTheServersSideInAnOrderlyWay() throws Exception {
    Socket client = connect();
    RawConnection atServer = server.accept();
    proxy.cutAll(Cut.FIN);
    assertFailsWith("but the client closed", atServer::readRequest);
    atServer.write("swallowed");
    assertEquals("", readAll(client));
  }

  @Test
  void aStalledConnectionHoldsBytesUntilItGoesOn() throws Exception {
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("a");
    assertEquals('a', client.getInputStream().read());
    proxy.stallAll();
    atServer.write("b");
    assertSilent(client);
    proxy.unstallAll();
    assertEquals('b', client.getInputStream().read());
  }

  @Test
  void aPlannedStallBeginsAtItsByte() throws Exception {
    proxy.planNext(FaultPlan.none().stallAfter(2, Direction.DOWN));
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("abc");
    assertEquals(
        "ab", new String(client.getInputStream().readNBytes(2), StandardCharsets.US_ASCII));
    assertSilent(client);
    proxy.connections().get(0).unstall();
    assertEquals('c', client.getInputStream().read());
  }

  @Test
  void aStalledConnectionCanBeCut() throws Exception {
    proxy.planNext(FaultPlan.none().stallAfter(0, Direction.DOWN));
    Socket client = connect();
    server.accept().write("lost");
    assertSilent(client);
    proxy.cutAll(Cut.RST);
    assertReset(client);
  }

  @Test
  void aBlackHoleSwallowsBytesAndEnds() throws Exception {
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("a");
    assertEquals('a', client.getInputStream().read());
    proxy.blackHoleAll();
    atServer.write("b");
    atServer.close();
    assertSilent(client);
  }

  @Test
  void aPlannedBlackHoleSwallowsOneDirectionOnly() throws Exception {
    proxy.planNext(FaultPlan.none().blackHoleAfter(1, Direction.DOWN));
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("ab");
    assertEquals('a', client.getInputStream().read());
    assertSilent(client);
    send(client, "GET / HTTP/1.1\r\n\r\n");
    assertEquals("GET", atServer.readRequest().method());
  }

  @Test
  void oneByteSegmentsCarryTheSameBytes() throws Exception {
    proxy.planAll(FaultPlan.none().inOneByteSegments());
    Socket client = connect();
    RawConnection atServer = server.accept();
    byte[] sent = "data: ä€😀\r\n\r\n".repeat(2000).getBytes(StandardCharsets.UTF_8);
    atServer.write(sent);
    atServer.finish();
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    byte[] buffer = new byte[sent.length];
    int reads = 0;
    for (int n = client.getInputStream().read(buffer);
        n >= 0;
        n = client.getInputStream().read(buffer)) {
      got.write(buffer, 0, n);
      reads++;
    }
    assertArrayEquals(sent, got.toByteArray());
    assertTrue(reads > 10, "expected " + sent.length + " bytes in small pieces, got " + reads);
    assertEquals(sent.length, proxy.connections().get(0).forwarded(Direction.DOWN));
  }

  @Test
  void aHoldingProxyForwardsOnlyFullBlocksUntilTheEnd() throws Exception {
    proxy.planNext(FaultPlan.none().holdBelow(4));
    Socket client = connect();
    RawConnection atServer = server.accept();
    atServer.write("123");
    assertSilent(client);
    atServer.write("4");
    assertEquals(
        "1234", new String(client.getInputStream().readNBytes(4), StandardCharsets.US_ASCII));
    atServer.write("56");
    assertSilent(client);
    atServer.finish();
    assertEquals("56", readAll(client));
  }

  @Test
  void aRefusedConnectionIsResetAndTheTargetNotCalled() throws Exception {
    proxy.planNext(FaultPlan.refuse());
    assertReset(connect());
    assertEquals(1, proxy.refused());
    connect();
    server.accept();
    assertEquals(1, server.connectionCount());
    assertEquals(2, proxy.accepted());
  }

  @Test
  void aTargetThatIsDownLooksLikeAReset() throws Exception {
    try (ScriptedServer other = new ScriptedServer()) {
      proxy.setTarget(other.port());
    }
    assertReset(connect());
    assertEquals(1, proxy.unreachable());
    assertEquals(0, proxy.cuts());
  }

  @Test
  void aNewTargetGetsTheConnectionsAfterIt() throws Exception {
    try (ScriptedServer other = new ScriptedServer()) {
      Socket before = connect();
      RawConnection old = server.accept();
      proxy.setTarget(other.port());
      Socket after = connect();
      other.accept().write("new");
      old.write("old");
      assertEquals('n', after.getInputStream().read());
      assertEquals('o', before.getInputStream().read());
    }
  }

  @Test
  void aSeedGivesTheSameRandomCutsAgainAndAnotherSeedOthers() throws Exception {
    List<Integer> once = lifetimes(42);
    assertEquals(once, lifetimes(42));
    assertNotEquals(once, lifetimes(43));
    double mean = once.stream().mapToInt(Integer::intValue).average().orElseThrow();
    assertTrue(mean > 250 && mean < 4000, "expected a mean near 1000 bytes, got " + mean);
  }

  /** How many bytes each of 30 connections lived when cut at random. */
  private List<Integer> lifetimes(long seed) throws Exception {
    byte[] endless = new byte[100_000];
    server.onEveryConnection(connection -> writeUntilCut(connection, endless));
    proxy.cutRandomly(seed, 1000);
    int cutsBefore = proxy.cuts();
    List<Integer> lifetimes = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Socket client = connect();
      int bytes = 0;
      byte[] buffer = new byte[100_000];
      try {
        for (int n = client.getInputStream().read(buffer);
            n >= 0;
            n = client.getInputStream().read(buffer)) {
          bytes += n;
        }
      } catch (SocketException e) {
        // a reset
      }
      lifetimes.add(bytes);
      client.close();
    }
    assertEquals(30, proxy.cuts() - cutsBefore);
    return lifetimes;
  }

  @Test
  void waitingForWhatDoesNotComeFails() {
    assertFailsWith(
        "expected 1 accepted connections within PT0.001S, got 0",
        () -> proxy.awaitAccepted(1, Duration.ofMillis(1)));
    assertFailsWith(
        "expected 1 cuts within PT0.001S, got 0", () -> proxy.awaitCuts(1, Duration.ofMillis(1)));
  }

  @Test
  void badNumbersAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> FaultPlan.none().cutAfter(-1, Direction.UP, Cut.FIN));
    assertThrows(IllegalArgumentException.class, () -> FaultPlan.none().holdBelow(-1));
    assertThrows(IllegalArgumentException.class, () -> proxy.cutRandomly(1, 0));
  }

  @Test
  void aPlanSaysWhatItHolds() {
    assertEquals(
        "FaultPlan[STALL after 3 UP, RST after 5 DOWN, one-byte segments, hold below 7]",
        FaultPlan.none()
            .cutAfter(5, Direction.DOWN, Cut.RST)
            .stallAfter(3, Direction.UP)
            .inOneByteSegments()
            .holdBelow(7)
            .toString());
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    client.setSoTimeout((int) PATIENCE.toMillis());
    clients.add(client);
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String readAll(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(RawConnection connection, byte[] bytes) {
    try {
      connection.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void writeUntilCut(RawConnection connection, byte[] bytes) {
    try {
      connection.write(bytes);
      connection.awaitEnd();
    } catch (IOException e) {
      // The cut came before the last byte, which is what the test is about.
    }
  }

  private static void assertReset(Socket client) {
    assertThrows(SocketException.class, () -> client.getInputStream().read());
  }

  private static void assertSilent(Socket client) throws IOException {
    client.setSoTimeout(SILENCE_MILLIS);
    InputStream in = client.getInputStream();
    assertThrows(SocketTimeoutException.class, in::read);
    client.setSoTimeout((int) PATIENCE.toMillis());
  }

  private interface Action {
    void run() throws Exception;
  }

  private static void assertFailsWith(String part, Action action) {
    AssertionError error = assertThrows(AssertionError.class, action::run);
    assertTrue(error.getMessage().contains(part), error::getMessage);
  }
}
