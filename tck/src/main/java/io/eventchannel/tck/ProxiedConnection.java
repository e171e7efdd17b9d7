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
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a {@link FaultProxy}, to be hurt while it runs. All methods may be called
 * from any thread; on a connection that has ended they do nothing.
 *
 * <p>Each direction has a {@link Pump} with a thread. Pumps look at the flags before each write and
 * wait on the lock while their direction is stalled; no socket is read or written under the lock.
 * Whoever takes {@code ended} from null ends the connection.
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

  // Guarded by lock.
  private final Object lock = new Object();
  private final Set<Direction> stalled = EnumSet.noneOf(Direction.class);
  private final Set<Direction> blackHoled = EnumSet.noneOf(Direction.class);
  private int running;
  private @Nullable Cut ended;
  private boolean clientEnded;
  private long passedAt;

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
    running = plan.idleNanos() > 0 ? 3 : 2;
    threads().forEach(thread -> thread.setDaemon(true));
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
   * Waits until the client has ended its side, by FIN or RST: it holds the socket no longer.
   *
   * @throws AssertionError if it has not when {@code patience} is over, or this side was quicker
   */
  public void awaitClientEnd(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (lock) {
      while (!clientEnded) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || ended != null) {
          throw new AssertionError(
              "connection "
                  + number
                  + (ended == null
                      ? ": the client has not ended it within " + patience
                      : " was cut before the client could end it"));
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }

  /** Stops to forward in both directions, until {@link #unstall}. */
  public void stall() {
    synchronized (lock) {
      stalled.addAll(EnumSet.allOf(Direction.class));
    }
  }

  void stall(Direction direction) {
    synchronized (lock) {
      stalled.add(direction);
    }
  }

  /** Forwards again, first what was held up. */
  public void unstall() {
    synchronized (lock) {
      stalled.clear();
      lock.notifyAll();
    }
  }

  /** Swallows everything in both directions from now on; the connection stays open. */
  public void blackHole() {
    synchronized (lock) {
      blackHoled.addAll(EnumSet.allOf(Direction.class));
      stalled.clear();
      lock.notifyAll();
    }
  }

  void blackHole(Direction direction) {
    synchronized (lock) {
      blackHoled.add(direction);
    }
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
      partsEnded(plan.idleNanos() > 0 ? 3 : 2);
      return;
    }
    downPump.start();
    if (plan.idleNanos() > 0) {
      synchronized (lock) {
        passedAt = System.nanoTime();
      }
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
      if (!isBlackHoled(direction)) {
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
      synchronized (lock) {
        while (ended == null && blackHoled.isEmpty()) {
          long left = passedAt + plan.idleNanos() - System.nanoTime();
          if (left > 0) {
            TimeUnit.NANOSECONDS.timedWait(lock, left);
          } else {
            blackHole();
          }
        }
      }
    } catch (InterruptedException e) {
      end(Cut.RST, () -> {}); // only close() of the proxy interrupts
    } finally {
      partsEnded(1);
    }
  }

  private void partsEnded(int parts) {
    boolean gone;
    synchronized (lock) {
      running -= parts;
      gone = running == 0;
    }
    if (gone) {
      closeSockets();
      owner.onGone(this);
    }
  }

  /** Ends the connection unless it has ended; counts that before a peer can see it. */
  private void end(Cut how, Runnable count) {
    synchronized (lock) {
      if (ended != null) {
        return;
      }
      ended = how;
      stalled.clear();
      lock.notifyAll();
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

  private boolean isBlackHoled(Direction direction) {
    synchronized (lock) {
      return blackHoled.contains(direction);
    }
  }

  // ---- what its pumps ask and tell ----

  /** Waits while stalled; false if what was read shall be swallowed. */
  boolean mayForward(Direction direction) throws InterruptedException {
    synchronized (lock) {
      while (stalled.contains(direction)) {
        lock.wait();
      }
      return ended == null && !blackHoled.contains(direction);
    }
  }

  /** So many bytes are forwarded now, or will be at once. */
  void forwarded(Direction direction, long bytes) {
    if (direction == Direction.UP) {
      forwardedUp = bytes;
    } else {
      forwardedDown = bytes;
    }
    synchronized (lock) {
      passedAt = System.nanoTime();
    }
  }

  /** Nothing more comes from the peer at the beginning of this direction. */
  void peerEnded(Direction direction) {
    synchronized (lock) {
      clientEnded |= direction == Direction.UP && ended == null;
      lock.notifyAll();
    }
  }

  /** Lets time pass, unless the connection ends. */
  void pause(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    synchronized (lock) {
      for (long left = nanos; ended == null && left > 0; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
    }
  }

  /** Keeps a black hole open for the other side, whose silence is the fault. */
  void awaitEnd() throws InterruptedException {
    synchronized (lock) {
      while (ended == null) {
        lock.wait();
      }
    }
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
