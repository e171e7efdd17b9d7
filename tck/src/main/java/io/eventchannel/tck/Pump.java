package io.eventchannel.tck;

import io.eventchannel.tck.FaultPlan.Action;
import io.eventchannel.tck.FaultPlan.Cut;
import io.eventchannel.tck.FaultPlan.Direction;
import io.eventchannel.tck.FaultPlan.Fault;
import io.eventchannel.tck.FaultPlan.Upgrades;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Iterator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a {@link ProxiedConnection}: reads from one socket and writes to the other, as
 * the plan says. Used once, by its own thread.
 */
final class Pump {
  private static final int BUFFER_BYTES = 64 * 1024;
  // So many pieces a second make a slow path even, and are no load.
  private static final int PIECES_PER_SECOND = 50;

  private final ProxiedConnection connection;
  private final PathState state;
  private final FaultPlan plan;
  private final Direction direction;
  private final Socket from;
  private final Socket to;
  private final OutputStream out;
  private final Iterator<Fault> faults;
  private final @Nullable LongSupplier delays;
  private final HeadScanner head = new HeadScanner();
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private @Nullable Fault nextFault;
  private boolean passedHead;
  private long forwarded;

  Pump(ProxiedConnection connection, FaultPlan plan, Direction direction, Socket from, Socket to)
      throws IOException {
    this.connection = connection;
    this.state = connection.state();
    this.plan = plan;
    this.direction = direction;
    this.from = from;
    this.to = to;
    this.out = to.getOutputStream();
    this.faults = plan.faults(direction).iterator();
    this.nextFault = faults.hasNext() ? faults.next() : null;
    this.delays = plan.delays(direction);
  }

  void run() throws IOException, InterruptedException {
    byte[] buffer = new byte[BUFFER_BYTES];
    applyFaults();
    for (int n = read(buffer); n >= 0; n = read(buffer)) {
      if (delays != null) {
        state.pause(delays.getAsLong());
      }
      if (head.isComplete()) {
        passOn(buffer, 0, n);
      } else {
        int ofHead = head.scan(buffer, n);
        passOnHead(buffer, ofHead);
        passOn(buffer, ofHead, n);
      }
    }
    forward(held.toByteArray(), 0, held.size());
    if (state.mayForward(direction)) {
      to.shutdownOutput();
    } else {
      state.awaitEnd(); // a black hole stays open for the other side, whose silence is the fault
    }
  }

  private int read(byte[] buffer) throws IOException {
    InputStream in = from.getInputStream();
    int n = -1;
    try {
      n = in.read(buffer);
      return n;
    } finally {
      if (n < 0 && direction == Direction.UP) {
        state.clientEnded();
      }
    }
  }

  private void passOnHead(byte[] bytes, int length) throws IOException, InterruptedException {
    if (direction == Direction.DOWN) {
      passOn(bytes, 0, length);
      if (head.isComplete()) {
        passedHead = true;
        onAnswer();
      }
    } else if (plan.upgrades() == Upgrades.PASS) {
      passOn(bytes, 0, length);
    } else if (head.isComplete()) { // judged as a whole, so nothing was passed on before
      onRequest();
    }
  }

  private void onRequest() throws IOException, InterruptedException {
    byte[] request = head.bytes();
    if (!head.asksForWebSocket()) {
      passOn(request, 0, request.length);
      return;
    }
    switch (plan.upgrades()) {
      case REFUSE -> connection.answer(plan.refusal());
      case HANG -> state.blackHoleBoth();
      case CUT -> {
        connection.setUpgrade();
        passOn(request, 0, request.length);
      }
      case PASS -> throw new AssertionError();
    }
  }

  private void onAnswer() {
    Cut cut = plan.cutAfterHead();
    if (cut != null) {
      connection.cut(cut);
    } else if (connection.isUpgrade() && head.switchesProtocols()) {
      connection.cut(Cut.RST);
    }
  }

  /** Forwards a part of what was read, or holds it back. */
  private void passOn(byte[] bytes, int begin, int end) throws IOException, InterruptedException {
    if (!holds()) {
      forward(bytes, begin, end);
      return;
    }
    held.write(bytes, begin, end - begin);
    if (!holdsBody() && held.size() >= plan.holdBytes(direction)) {
      forward(held.toByteArray(), 0, held.size());
      held.reset();
    }
  }

  private boolean holds() {
    return plan.holdBytes(direction) > 0 || holdsBody();
  }

  private boolean holdsBody() {
    return direction == Direction.DOWN
        && plan.holdsBody()
        && passedHead
        && !head.switchesProtocols();
  }

  private void forward(byte[] bytes, int begin, int end) throws IOException, InterruptedException {
    int at = begin;
    while (at < end && state.mayForward(direction)) {
      int n = (int) Math.min(end - at, largestPiece());
      forwarded += n;
      connection.forwarded(direction, forwarded); // before a peer can see them
      out.write(bytes, at, n);
      at += n;
      applyFaults();
      if (plan.bytesPerSecond() > 0) {
        state.pause(n * 1_000_000_000L / plan.bytesPerSecond());
      }
    }
  }

  private long largestPiece() {
    if (plan.hasOneByteSegments()) {
      return 1;
    }
    long most = nextFault == null ? Long.MAX_VALUE : nextFault.afterBytes() - forwarded;
    return plan.bytesPerSecond() == 0
        ? most
        : Math.min(most, Math.max(1, plan.bytesPerSecond() / PIECES_PER_SECOND));
  }

  private void applyFaults() {
    while (nextFault != null && nextFault.afterBytes() == forwarded) {
      Action action = nextFault.action();
      nextFault = faults.hasNext() ? faults.next() : null;
      switch (action) {
        case FIN -> connection.cut(Cut.FIN);
        case RST -> connection.cut(Cut.RST);
        case STALL -> state.stall(direction);
        case BLACK_HOLE -> state.blackHole(direction);
      }
    }
  }
}
