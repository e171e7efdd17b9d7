package io.eventchannel.tck;

import io.eventchannel.tck.FaultPlan.Action;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.FaultPlan.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a {@link FaultProxy}, to be hurt while it runs. All methods may be called
 * from any thread; on a connection that has ended they do nothing.
 *
 * <p>Each direction has a pump, a thread that reads from one socket and writes to the other. Pumps
 * look at the flags before each write and wait on the lock while their direction is stalled; no
 * socket is read or written under the lock. Whoever takes {@code ended} from null ends the
 * connection.
 */
public final class ProxiedConnection {
  private static final int BUFFER_BYTES = 64 * 1024;

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

  // Guarded by lock.
  private final Object lock = new Object();
  private final Set<Direction> stalled = EnumSet.noneOf(Direction.class);
  private final Set<Direction> blackHoled = EnumSet.noneOf(Direction.class);
  private int runningPumps = 2;
  private @Nullable Cut ended;

  // Each written by its own pump only.
  private volatile long forwardedUp;
  private volatile long forwardedDown;

  ProxiedConnection(int number, Socket client, int targetPort, FaultPlan plan, Owner owner) {
    this.number = number;
    this.client = client;
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
    this.plan = plan;
    this.owner = owner;
    String name = "fault-proxy-" + client.getLocalPort() + "-" + number;
    upPump = new Thread(this::runUp, name + "-up");
    downPump = new Thread(this::runDown, name + "-down");
    upPump.setDaemon(true);
    downPump.setDaemon(true);
  }

  void start() {
    upPump.start();
  }

  List<Thread> threads() {
    return List.of(upPump, downPump);
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

  /** Stops to forward in both directions, until {@link #unstall}. */
  public void stall() {
    synchronized (lock) {
      stalled.addAll(EnumSet.allOf(Direction.class));
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

  private void runUp() {
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(target);
    } catch (IOException e) { // the client sees what it would see of a target that is down
      end(Cut.RST, owner::onUnreachable);
      pumpEnded();
      pumpEnded();
      return;
    }
    downPump.start();
    run(Direction.UP, client, server);
  }

  private void runDown() {
    run(Direction.DOWN, server, client);
  }

  private void run(Direction direction, Socket from, Socket to) {
    try {
      new Pump(direction, from, to).run();
    } catch (IOException | UncheckedIOException e) {
      // One side has reset the connection, or it is cut: then the other side shall see that, too.
      if (!isBlackHoled(direction)) {
        end(Cut.RST, () -> {});
      }
    } catch (InterruptedException e) {
      end(Cut.RST, () -> {}); // only close() of the proxy interrupts
    } finally {
      pumpEnded();
    }
  }

  private void pumpEnded() {
    boolean gone;
    synchronized (lock) {
      gone = --runningPumps == 0;
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
    upPump.interrupt();
    downPump.interrupt();
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

  private final class Pump {
    private final Direction direction;
    private final Socket from;
    private final Socket to;
    private final OutputStream out;
    private final Iterator<Fault> faults;
    private @Nullable Fault nextFault;
    private long forwarded;

    Pump(Direction direction, Socket from, Socket to) throws IOException {
      this.direction = direction;
      this.from = from;
      this.to = to;
      this.out = to.getOutputStream();
      this.faults = plan.faults(direction).iterator();
      this.nextFault = faults.hasNext() ? faults.next() : null;
    }

    void run() throws IOException, InterruptedException {
      byte[] buffer = new byte[BUFFER_BYTES];
      int holdBytes = plan.holdBytes(direction);
      ByteArrayOutputStream held = new ByteArrayOutputStream();
      applyFaults();
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (holdBytes == 0) {
          forward(buffer, n);
          continue;
        }
        held.write(buffer, 0, n);
        if (held.size() >= holdBytes) {
          forward(held.toByteArray(), held.size());
          held.reset();
        }
      }
      forward(held.toByteArray(), held.size());
      if (mayForward()) {
        to.shutdownOutput();
      } else {
        awaitEnd();
      }
    }

    private void forward(byte[] bytes, int length) throws IOException, InterruptedException {
      int from = 0;
      while (from < length && mayForward()) {
        long most = nextFault == null ? length : nextFault.afterBytes() - forwarded;
        int n = plan.hasOneByteSegments() ? 1 : (int) Math.min(length - from, most);
        forwarded += n;
        if (direction == Direction.UP) { // counted before a peer can see them
          forwardedUp = forwarded;
        } else {
          forwardedDown = forwarded;
        }
        out.write(bytes, from, n);
        from += n;
        applyFaults();
      }
    }

    private void applyFaults() {
      while (nextFault != null && nextFault.afterBytes() == forwarded) {
        apply(nextFault.action());
        nextFault = faults.hasNext() ? faults.next() : null;
      }
    }

    private void apply(Action action) {
      switch (action) {
        case FIN -> cut(Cut.FIN);
        case RST -> cut(Cut.RST);
        case STALL -> {
          synchronized (lock) {
            stalled.add(direction);
          }
        }
        case BLACK_HOLE -> {
          synchronized (lock) {
            blackHoled.add(direction);
          }
        }
      }
    }

    /** Waits while stalled; false if what was read shall be swallowed. */
    private boolean mayForward() throws InterruptedException {
      synchronized (lock) {
        while (stalled.contains(direction)) {
          lock.wait();
        }
        return ended == null && !blackHoled.contains(direction);
      }
    }

    /** Keeps a black hole open for the other side, whose silence is the fault. */
    private void awaitEnd() throws InterruptedException {
      synchronized (lock) {
        while (ended == null) {
          lock.wait();
        }
      }
    }
  }
}
