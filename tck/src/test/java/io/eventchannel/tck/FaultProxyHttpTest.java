package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.tck.FaultPlan.Cut;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy as a middlebox: one that knows HTTP, that is slow or forgetful, or that is away. */
@Timeout(60)
class FaultProxyHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int SILENCE_MILLIS = 50;
  private static final String UPGRADE =
      "GET /feed HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  private static final String PLAIN = "GET /feed HTTP/1.1\r\nHost: x\r\n\r\n";

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
    for (Socket client : clients) {
      client.close();
    }
    proxy.close();
    server.close();
  }

  @Test
  void aCutAfterTheHeadLetsTheHeadPassAndNothingElse() throws Exception {
    server.onEveryConnection(
        connection -> {
          connection.readRequest();
          connection.write("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody");
          connection.awaitEnd();
        });
    proxy.planNext(FaultPlan.none().cutAfterHead(Cut.FIN));
    Socket client = connect();
    send(client, PLAIN);
    assertEquals("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", readAll(client));
  }

  @Test
  void theHeadIsFoundInAnyPieces() {
    byte[] stream = "HTTP/1.1 101 X\r\r\n\r\nbody".getBytes(StandardCharsets.US_ASCII);
    for (int cut = 0; cut <= stream.length; cut++) {
      HeadScanner scanner = new HeadScanner();
      int ofHead = scanner.scan(stream, cut);
      byte[] rest = Arrays.copyOfRange(stream, cut, stream.length);
      ofHead += scanner.scan(rest, rest.length);
      assertEquals(stream.length - 4, ofHead, "cut at " + cut);
      assertTrue(scanner.isComplete() && scanner.switchesProtocols());
    }
  }

  @Test
  void aBodyIsHeldUntilItsEndAndItsHeadIsNot() throws Exception {
    proxy.planNext(FaultPlan.none().holdBody());
    Socket client = connect();
    send(client, PLAIN);
    RawConnection atServer = server.accept();
    atServer.acceptEventStream();
    atServer.write("data: 1\n\n");
    assertTrue(readHead(client).startsWith("HTTP/1.1 200"));
    assertSilent(client);
    atServer.write("data: 2\n\n");
    assertSilent(client);
    atServer.finish();
    assertEquals("data: 1\n\ndata: 2\n\n", readAll(client));
  }

  @Test
  void framesBehindA101AreNotHeld() throws Exception {
    proxy.planNext(FaultPlan.none().holdBody());
    Socket client = connect();
    send(client, UPGRADE);
    RawConnection atServer = server.accept();
    atServer.acceptWebSocket();
    atServer.write("frame");
    readHead(client);
    assertEquals('f', client.getInputStream().read());
  }

  @Test
  void aRefusedUpgradeIsAnsweredByTheProxyAndAPlainRequestPasses() throws Exception {
    proxy.planAll(FaultPlan.none().refuseUpgrades(403));
    Socket client = connect();
    send(client, UPGRADE);
    assertEquals(
        "HTTP/1.1 403 From a proxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        readAll(client));
    server.accept().awaitEnd();
    send(connect(), PLAIN);
    assertEquals("GET", server.accept().readRequest().method());
  }

  @Test
  void anUpgradeThatHangsNeverReachesTheServer() throws Exception {
    proxy.planNext(FaultPlan.none().hangUpgrades());
    Socket client = connect();
    send(client, UPGRADE);
    RawConnection atServer = server.accept();
    assertSilent(client);
    assertEquals(0, proxy.connections().get(0).forwarded(FaultPlan.Direction.UP));
    client.close();
    proxy.connections().get(0).awaitClientEnd(PATIENCE);
    proxy.cutAll(Cut.FIN);
    atServer.awaitEnd();
  }

  @Test
  void aCutUpgradeGetsIts101AndNoFrame() throws Exception {
    proxy.planAll(FaultPlan.none().cutUpgrades());
    Socket client = connect();
    send(client, UPGRADE);
    RawConnection atServer = server.accept();
    atServer.acceptWebSocket();
    atServer.awaitEnd();
    assertThrows(SocketException.class, () -> readAll(client));
    Socket plain = connect();
    send(plain, PLAIN);
    server.accept().respond(200, "fine");
    assertTrue(readHead(plain).startsWith("HTTP/1.1 200"));
  }

  @Test
  void aDelayedPieceComesNoEarlierAndInOrder() throws Exception {
    proxy.planNext(FaultPlan.none().delayedBy(Duration.ofMillis(60), Duration.ofMillis(80), 7));
    Socket client = connect();
    RawConnection atServer = server.accept();
    long begin = System.nanoTime();
    atServer.write("one");
    atServer.write("two");
    assertEquals(
        "onetwo", new String(client.getInputStream().readNBytes(6), StandardCharsets.US_ASCII));
    assertTrue(System.nanoTime() - begin >= 60_000_000L);
  }

  @Test
  void aSlowPathTakesItsTimeForEachByte() throws Exception {
    proxy.planNext(FaultPlan.none().atBytesPerSecond(2_000));
    Socket client = connect();
    RawConnection atServer = server.accept();
    long begin = System.nanoTime();
    atServer.write(new byte[200]);
    client.getInputStream().readNBytes(200);
    // The last piece is waited for behind it: so a piece less.
    assertTrue(System.nanoTime() - begin >= 80_000_000L);
  }

  @Test
  void anIdlePathIsForgottenAndOneInUseIsNot() throws Exception {
    proxy.planNext(FaultPlan.none().forgetWhenIdle(Duration.ofMillis(200)));
    Socket client = connect();
    RawConnection atServer = server.accept();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < 400_000_000L) { // twice the limit, in use all the time
      atServer.write("x");
      assertEquals('x', client.getInputStream().read());
    }
    client.setSoTimeout(1_000);
    assertThrows(SocketTimeoutException.class, () -> client.getInputStream().read());
    atServer.write("swallowed");
    assertSilent(client);
  }

  @Test
  void whereNobodyListensTheSystemRefusesAndLiveConnectionsGoOn() throws Exception {
    Socket before = connect();
    RawConnection atServer = server.accept();
    proxy.stopListening();
    proxy.stopListening();
    assertThrows(ConnectException.class, this::connect);
    atServer.write("live");
    assertEquals('l', before.getInputStream().read());
    proxy.listenAgain();
    proxy.listenAgain();
    connect();
    server.accept();
    assertEquals(2, proxy.accepted());
  }

  @Test
  void aProxyThatDoesNotListenCanBeClosed() throws Exception {
    proxy.stopListening();
    proxy.close();
    proxy.listenAgain();
    assertThrows(ConnectException.class, this::connect);
  }

  @Test
  void waitingForAClientThatStaysFails() throws Exception {
    connect();
    proxy.awaitAccepted(1, PATIENCE);
    ProxiedConnection connection = proxy.connections().get(0);
    AssertionError stays =
        assertThrows(AssertionError.class, () -> connection.awaitClientEnd(Duration.ofMillis(1)));
    assertTrue(
        stays.getMessage().contains("has not ended its connection within PT0.001S"),
        stays::getMessage);
    connection.cut(Cut.RST);
    AssertionError cut =
        assertThrows(AssertionError.class, () -> connection.awaitClientEnd(PATIENCE));
    assertTrue(cut.getMessage().contains("was cut before"), cut::getMessage);
  }

  @Test
  void aPlanSaysWhatItHolds() {
    assertEquals(
        "FaultPlan[FIN after the head, hold the body, delay 1 to 2 ms, 7 bytes/s,"
            + " forget after 9 idle ms, REFUSE upgrades with 502]",
        FaultPlan.none()
            .cutAfterHead(Cut.FIN)
            .holdBody()
            .delayedBy(Duration.ofMillis(1), Duration.ofMillis(2), 0)
            .atBytesPerSecond(7)
            .forgetWhenIdle(Duration.ofMillis(9))
            .refuseUpgrades(502)
            .toString());
    assertEquals("FaultPlan[refuse]", FaultPlan.refuse().toString());
    assertEquals("FaultPlan[]", FaultPlan.none().toString(), "plans are values");
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), proxy.port());
    client.setSoTimeout((int) PATIENCE.toMillis());
    clients.add(client);
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readHead(Socket client) throws IOException {
    HeadScanner head = new HeadScanner();
    byte[] one = new byte[1];
    while (!head.isComplete()) {
      assertEquals(1, client.getInputStream().read(one));
      head.scan(one, 1);
    }
    return new String(head.bytes(), StandardCharsets.US_ASCII);
  }

  private static String readAll(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static void assertSilent(Socket client) throws IOException {
    client.setSoTimeout(SILENCE_MILLIS);
    InputStream in = client.getInputStream();
    assertThrows(SocketTimeoutException.class, in::read);
    client.setSoTimeout((int) PATIENCE.toMillis());
  }
}
