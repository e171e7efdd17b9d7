package io.eventchannel.client;

import io.eventchannel.CloseReason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change of connection that this side wants though the present one works: because its credentials
 * run out, or a better transport passes again. It is made once no sent event is undecided, since
 * what a connection has in hand when it goes has an unknown fate; but not later than its deadline.
 * Guarded by the channel's lock.
 */
final class Changeover {
  private final ChannelEngine engine;
  private final Upstream upstream;
  private final ChannelTimer deadline;
  private String transport = "";
  private @Nullable CloseReason why; // null while nothing is wanted

  Changeover(ChannelEngine engine, Upstream upstream, ClientSettings settings) {
    this.engine = engine;
    this.upstream = upstream;
    this.deadline =
        new ChannelTimer(settings.scheduler, number -> engine.decide(() -> due(number)));
  }

  /** Wants another connection over this transport, within this time. */
  void want(String over, CloseReason reason, long patienceNanos) {
    transport = over;
    why = reason;
    if (upstream.isUndecided() && patienceNanos > 0) {
      deadline.set(patienceNanos);
    } else {
      make();
    }
  }

  /** What was sent may all be decided now. */
  void decided() {
    if (why != null && !upstream.isUndecided()) {
      make();
    }
  }

  private void due(long number) {
    if (deadline.isLatest(number)) {
      make();
    }
  }

  private void make() {
    CloseReason reason = Objects.requireNonNull(why);
    String over = transport;
    cancel();
    engine.changeOver(over, reason);
  }

  /** The connection is gone, and with it the wish. */
  void cancel() {
    why = null;
    deadline.cancel();
  }
}
