package io.eventchannel.tck;

import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection through a {@link FaultProxy}, to be hurt while it runs. All methods may be called
 * from any thread; on a connection that has ended they do nothing.
 *
 * <p>Each direction has a {@link Pump} with a thread, which asks {@link PathState} before each
 * write. Whoever is the first to end the state ends the connection.
 */
public final class ProxiedConnection {
  // On a slow path the sender shall see early that it is slow: it fills no more than this.
  private static final int SLOW_PATH_BUFFER_BYTES = 4 * 1024;

  /** Told when a connection was cut, and when both its pumps have ended. */
  interface Owner {
    void onCut();

    void onUnreachable();

    void onGone(ProxiedConnection connection);
  }

  private final int number;
  private final Socket client;
  private final Socket server = new Socket();
  private final SocketAddress target;
  private final FaultPlan plan;
  private final Owner owner;
  private final Thread upPump;
  private final Thread downPump;
  private final Thread idleWatch;
  private final PathState state = new PathState();
  private final AtomicInteger running; // threads that have not ended

  // Each written by its own pump only.
  private volatile long forwardedUp;
  private volatile long forwardedDown;

  // Written by the pump of requests before the answer to them can come.
  private volatile boolean upgrade;

  ProxiedConnection(int number, Socket client, int targetPort, FaultPlan plan, Owner owner) {
    this.number = number;
    this.client = client;
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
    this.plan = plan;
    this.owner = owner;
    String name = "fault-proxy-" + client.getLocalPort() + "-" + number;
    upPump = new Thread(this::runUp, name + "-up");
    downPump = new Thread(this::runDown, name + "-down");
    idleWatch = new Thread(this::watchIdleness, name + "-idle");
    running = new AtomicInteger(parts());
    threads().forEach(thread -> thread.setDaemon(true));
  }

  private int parts() {
    return plan.idleNanos() > 0 ? 3 : 2;
  }

  void start() {
    upPump.start();
  }

  List<Thread> threads() {
    return List.of(upPump, downPump, idleWatch);
  }

  /** Which connection of the proxy it is, counted from 1. */
  public int number() {
    return number;
  }

  /** How many bytes were forwarded in a direction. */
  public long forwarded(Direction direction) {
    return direction == Direction.UP ? forwardedUp : forwardedDown;
  }

  /** Ends it on both sides. */
  public void cut(Cut how) {
    end(how, owner::onCut);
  }

  /**
   * Waits until the client has ended its side, by FIN or RST: it holds the socket no longer. Behind
   * bytes of the client that a stall holds up, its end is not seen.
   *
   * @throws AssertionError if it has not when {@code patience} is over, or was cut before
   */
  public void awaitClientEnd(Duration patience) throws InterruptedException {
    state.awaitClientEnd(patience);
  }

  /** Stops to forward in both directions, until {@link #unstall}. */
  public void stall() {
    state.stallBoth();
  }

  /** Stops to forward in one direction, until {@link #unstall}. */
  public void stall(Direction direction) {
    state.stall(direction);
  }

  /** Forwards again, first what was held up. */
  public void unstall() {
    state.unstall();
  }

  /** Swallows everything in both directions from now on; the connection stays open. */
  public void blackHole() {
    state.blackHoleBoth();
  }

  private void runUp() {
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      if (plan.bytesPerSecond() > 0) {
        server.setReceiveBufferSize(SLOW_PATH_BUFFER_BYTES);
      }
      server.connect(target);
    } catch (IOException e) { // the client sees what it would see of a target that is down
      end(Cut.RST, owner::onUnreachable);
      partsEnded(parts());
      return;
    }
    downPump.start();
    if (plan.idleNanos() > 0) {
      idleWatch.start();
    }
    run(Direction.UP, client, server);
  }

  private void runDown() {
    run(Direction.DOWN, server, client);
  }

  private void run(Direction direction, Socket from, Socket to) {
    try {
      new Pump(this, plan, direction, from, to).run();
    } catch (IOException | UncheckedIOException e) {
      // One side has reset the connection, or it is cut: then the other side shall see that, too.
      if (!state.isBlackHoled(direction)) {
        end(Cut.RST, () -> {});
      }
    } catch (InterruptedException e) {
      end(Cut.RST, () -> {}); // only close() of the proxy interrupts
    } finally {
      partsEnded(1);
    }
  }

  private void watchIdleness() {
    try {
      state.blackHoleWhenIdle(plan.idleNanos());
    } catch (InterruptedException e) {
      end(Cut.RST, () -> {}); // only close() of the proxy interrupts
    } finally {
      partsEnded(1);
    }
  }

  private void partsEnded(int parts) {
    if (running.addAndGet(-parts) == 0) {
      closeSockets();
      owner.onGone(this);
    }
  }

  /** Ends the connection unless it has ended; counts that before a peer can see it. */
  private void end(Cut how, Runnable count) {
    if (!state.end(how)) {
      return;
    }
    count.run();
    try {
      if (how == Cut.FIN) {
        // The pumps go on reading: closing a socket with unread bytes would send RST.
        client.shutdownOutput();
        server.shutdownOutput();
      } else {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
        closeSockets();
      }
    } catch (IOException e) {
      closeSockets(); // one of the peers was quicker
    }
  }

  /** Frees the sockets and lets the pumps end. */
  void abandon() {
    end(Cut.RST, () -> {});
    closeSockets();
    threads().forEach(Thread::interrupt);
  }

  private void closeSockets() {
    for (Socket socket : List.of(client, server)) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  // ---- what its pumps ask and tell ----

  PathState state() {
    return state;
  }

  /** So many bytes are forwarded now, or will be at once. */
  void forwarded(Direction direction, long bytes) {
    if (direction == Direction.UP) {
      forwardedUp = bytes;
    } else {
      forwardedDown = bytes;
    }
    state.passed();
  }

  void setUpgrade() {
    upgrade = true;
  }

  boolean isUpgrade() {
    return upgrade;
  }

  /** Answers the client in the server's place, to which no byte was forwarded, and ends it. */
  void answer(int status) throws IOException {
    String head =
        "HTTP/1.1 " + status + " From a proxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    cut(Cut.FIN);
  }
}
