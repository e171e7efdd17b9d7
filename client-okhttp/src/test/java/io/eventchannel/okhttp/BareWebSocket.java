package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.eventchannel.Event;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.ScriptedServer;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket connections without an engine above them, against a scripted server, with a clock that
 * stands still. What they tell is taken as text: {@code open}, {@code activity}, {@code event
 * DATA}, {@code closed REASON}.
 */
final class BareWebSocket implements AutoCloseable, ConnectionListener {
  private static final long PATIENCE_SECONDS = 10;

  final ScriptedServer server = new ScriptedServer();
  final VirtualScheduler scheduler = new VirtualScheduler();
  final OkHttpClient okHttp;
  final OkHttpThreads threads = new OkHttpThreads();
  private final OkHttpWebSocketTransport transport;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private @Nullable Connection connection;
  volatile Consumer<String> reaction = word -> {};

  BareWebSocket() throws IOException {
    this(new OkHttpClient(), OkHttpWebSocketTransport.WRITE_TIMEOUT_NANOS);
  }

  BareWebSocket(OkHttpClient okHttp, long writeTimeoutNanos) throws IOException {
    this.okHttp = okHttp;
    transport =
        new OkHttpWebSocketTransport(
            threads.derive(okHttp), scheduler, threads, writeTimeoutNanos, threads::close);
  }

  /** Begins a connection; the server's end is to be accepted. */
  @SafeVarargs // only read
  final Connection connect(int maxEventBytes, Map.Entry<String, String>... headers) {
    connection =
        transport.connect(
            new ConnectRequest(
                server.uri("/feed").toString(),
                List.of(headers),
                null,
                "",
                TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS),
                maxEventBytes),
            this);
    return connection;
  }

  /** Opens a connection to a server that is none of ours. */
  RawConnection open() throws Exception {
    return open(1 << 20);
  }

  RawConnection open(int maxEventBytes) throws Exception {
    connect(maxEventBytes);
    RawConnection peer = server.accept();
    peer.acceptWebSocket();
    expect("open");
    return peer;
  }

  /** This side's end. */
  Connection connection() {
    assertNotNull(connection);
    return connection;
  }

  /** Takes the next thing told. */
  String take() throws InterruptedException {
    String next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertNotNull(next, "nothing was told");
    return next;
  }

  void expect(String expected) throws InterruptedException {
    assertEquals(expected, take());
  }

  /** Takes the next thing told that is no mere activity. */
  String takeWord() throws InterruptedException {
    String next = take();
    while (next.equals("activity")) {
      next = take();
    }
    return next;
  }

  /** Waits until OkHttp has no connection left and no timer is: every stream was closed. */
  void awaitFreed() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (okHttp.connectionPool().connectionCount() > 0 || scheduler.pendingTasks() > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            okHttp.connectionPool().connectionCount()
                + " connections and "
                + scheduler.pendingTasks()
                + " timers are left");
      }
      okHttp.connectionPool().evictAll(); // those that are idle
      Thread.onSpinWait();
    }
  }

  private void tell(String word) {
    reaction.accept(word);
    told.add(word);
  }

  /** Nothing further was told up to now. */
  void assertNothingTold() {
    assertEquals(List.of(), List.copyOf(told));
  }

  @Override
  public void onOpen(ConnectionInfo info) {
    tell(info.recognised() ? "open ours" : "open");
  }

  @Override
  public void onActivity() {
    tell("activity");
  }

  @Override
  public void onEvent(Event event, @Nullable String position) {
    String data = event.isBinary() ? event.bytes().length + " bytes" : event.data();
    tell("event " + FrameLog.shortened(data));
  }

  @Override
  public void onPosition(String position) {
    tell("position " + position);
  }

  @Override
  public void onRetryHint(long millis) {
    tell("retry " + millis);
  }

  @Override
  public void onAcknowledged(long seq) {
    tell("acknowledged " + seq);
  }

  @Override
  public void onRefused(long seq, String reason) {
    tell("refused " + seq);
  }

  @Override
  public void onClosed(ConnectionEnd end) {
    tell("closed " + end.reason());
  }

  @Override
  public void close() throws IOException {
    if (connection != null) {
      connection.cancel();
    }
    transport.close();
    server.close();
    okHttp.dispatcher().executorService().shutdown();
    okHttp.connectionPool().evictAll();
  }
}
