package io.eventchannel.client;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.policy.ConnectionLoss;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import java.time.Duration;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The states of a client's channel: what happened comes in, the next step goes out. It does no I/O,
 * has no clock, no lock and no randomness; {@link ChannelEngine} calls it under its lock and takes
 * the steps.
 *
 * <p>Each connection, or attempt to make one, has a generation. It is over the moment {@link #lost}
 * or {@link #close} says so, long before its socket knows: whatever it tells later is dropped by
 * {@link #isCurrent}.
 */
final class ClientState {
  /** What to do next. */
  static final class Step {
    enum Kind {
      NOTHING,
      CONNECT,
      WAIT,
      PAUSE,
      END
    }

    private static final Step NOTHING = new Step(Kind.NOTHING, Duration.ZERO, null);

    private final Kind kind;
    private final Duration delay;
    private final @Nullable CloseReason reason;

    private Step(Kind kind, Duration delay, @Nullable CloseReason reason) {
      this.kind = kind;
      this.delay = delay;
      this.reason = reason;
    }

    Kind kind() {
      return kind;
    }

    /** How long to wait; zero unless the step is to wait. */
    Duration delay() {
      return delay;
    }

    /** Why; of a step to wait, to pause or to end only. */
    CloseReason reason() {
      return Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String toString() {
      return kind
          + (kind == Kind.WAIT ? " " + delay : "")
          + (reason == null ? "" : " after " + reason);
    }
  }

  // Far beyond any use, and far from what a long of nanoseconds can no longer count.
  private static final Duration LONGEST_DELAY = Duration.ofDays(365);

  private final ReconnectPolicy policy;
  private final TransportPreference preference;
  // Whether its request must not be made again on this side's own account; losses ask the policy.
  private final boolean once;

  // Of the channel.
  private ChannelState state = ChannelState.CONNECTING;
  private boolean everOpened;
  private int failures;
  private int unopenedInARow;
  private boolean credentialsRefreshed;
  private boolean paused;
  private @Nullable Duration retryHint;
  private @Nullable CloseReason lastFailure;
  private @Nullable CloseReason refusal; // of credentials, until there are others
  private String transport;

  // Of the connection; begun anew by each step to connect.
  private long generation;
  private Duration delayBefore = Duration.ZERO;
  private long openedAt;
  private @Nullable String openedOver;
  private boolean askingForCredentials;
  private boolean heard;
  private boolean recognised;
  private @Nullable CloseReason goodbye;
  private @Nullable Duration goodbyeDelay;

  ClientState(ReconnectPolicy policy, TransportPreference preference, boolean once) {
    this.policy = policy;
    this.preference = preference;
    this.once = once;
    this.transport = preference.first();
  }

  ChannelState state() {
    return state;
  }

  /** The transport of the latest connection that opened, or null before the first. */
  @Nullable String openedOver() {
    return openedOver;
  }

  /** The transport of the current connection, or of the next one. */
  String transport() {
    return transport;
  }

  /** The current connection's number. */
  long generation() {
    return generation;
  }

  /** Whether the current connection, or attempt to make one, has this number. */
  boolean isCurrent(long number) {
    return number == generation && (state == ChannelState.CONNECTING || state == ChannelState.OPEN);
  }

  /**
   * What a provider of credentials is to know: that those it supplied last were refused, whatever
   * has failed since; else why the last connection ended, or null before the first has.
   */
  @Nullable CloseReason toldToProvider() {
    return refusal != null ? refusal : lastFailure;
  }

  /** The attempt begins by asking for credentials. */
  void askingForCredentials() {
    askingForCredentials = true;
  }

  /** They are there, and the attempt goes on. */
  void authorised() {
    askingForCredentials = false;
  }

  /** A provider that was told this has supplied others, though perhaps too late for its attempt. */
  void supplied(@Nullable CloseReason told) {
    if (refusal != null && refusal.equals(told)) {
      if (refusal.equals(lastFailure)) {
        lastFailure = null; // nor is a probe told what speaks of others than are in use
      }
      refusal = null;
    }
  }

  /** Whether the channel has ended, its terminal callback still to come or not. */
  boolean isEnded() {
    return state == ChannelState.CLOSING || state == ChannelState.CLOSED;
  }

  /** Whether a byte of the current connection came after its handshake. */
  boolean isHeard() {
    return heard;
  }

  /** The channel begins. */
  Step begin() {
    if (paused && !isEnded()) {
      state = ChannelState.WAITING;
      return Step.NOTHING;
    }
    return isEnded() ? Step.NOTHING : connect();
  }

  private Step connect() {
    state = ChannelState.CONNECTING;
    generation++;
    askingForCredentials = false;
    heard = false;
    recognised = false;
    goodbye = null;
    goodbyeDelay = null;
    return new Step(Step.Kind.CONNECT, Duration.ZERO, null);
  }

  /** The current connection is open. Returns whether that is news. */
  boolean opened(long nanoTime) {
    if (state != ChannelState.CONNECTING) {
      return false;
    }
    state = ChannelState.OPEN;
    everOpened = true;
    openedAt = nanoTime;
    openedOver = transport;
    return true;
  }

  /** A byte came after the handshake. */
  void heard() {
    heard = true;
  }

  /** The peer is a server of ours. */
  void recognised() {
    recognised = true;
  }

  boolean isRecognised() {
    return recognised;
  }

  /** The server asked for a reconnection time; the last one holds for the life of the channel. */
  void retryHint(long millis) {
    retryHint = Duration.ofMillis(millis);
  }

  /**
   * The server said goodbye: the end of this connection, which follows, counts as this close code.
   *
   * @param delayMillis when to come back, for this once; negative if it did not say
   */
  void goodbye(int code, String reason, long delayMillis) {
    goodbye = CloseReason.closeCode(code, reason);
    goodbyeDelay = delayMillis < 0 ? null : Duration.ofMillis(delayMillis);
  }

  /**
   * The current connection ended, or could not be made.
   *
   * @param random where a random number in [0, 1) comes from
   */
  Step lost(ConnectionEnd end, long nanoTime, DoubleSupplier random) {
    boolean wasOpen = state == ChannelState.OPEN;
    boolean saidGoodbye = goodbye != null && isPlainEnd(end.reason());
    CloseReason reason = saidGoodbye ? Objects.requireNonNull(goodbye) : end.reason();
    Duration hint = saidGoodbye && goodbyeDelay != null ? goodbyeDelay : retryHint;
    boolean opened = wasOpen && heard;
    if (!askingForCredentials) { // else no transport was asked, and none is to blame
      unopenedInARow = opened ? 0 : unopenedInARow + 1;
    }
    lastFailure = reason;
    boolean fallsOver;
    RetryDecision decision;
    try {
      double jitter = random.getAsDouble();
      ConnectionLoss asItWas =
          describe(ConnectionLoss.builder(transport, reason), end, hint, jitter)
              .opened(opened)
              .uptime(wasOpen ? Duration.ofNanos(nanoTime - openedAt) : Duration.ZERO)
              .build();
      fallsOver = !askingForCredentials && preference.fallsOver(asItWas);
      decision = decide(asItWas);
      if (fallsOver && !decision.isRetry()) {
        decision = decide(asIfNetworkFailed(reason, end, hint, jitter));
      }
    } catch (RuntimeException broken) { // policy and random source are the application's code
      return end(
          CloseReason.of(CloseReason.Kind.APPLICATION, "the reconnect policy failed", broken));
    }
    if (!decision.isRetry()) {
      return end(reason);
    }
    if (fallsOver) {
      transport = preference.next(transport);
      unopenedInARow = 0;
    }
    // Fresh credentials count from the refusal that asked for them until a connection holds.
    credentialsRefreshed = decision.freshCredentials() || (credentialsRefreshed && !opened);
    if (decision.freshCredentials()) {
      refusal = reason;
    }
    failures = decision.failures();
    delayBefore = min(decision.delay(), LONGEST_DELAY);
    state = ChannelState.WAITING;
    return new Step(Step.Kind.WAIT, delayBefore, reason);
  }

  private RetryDecision decide(ConnectionLoss loss) {
    return Objects.requireNonNull(
        policy.decide(loss), "reconnect policy: expected a decision, got null");
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Whether an end says no more than that the connection is over, so that a goodbye explains it.
   */
  private static boolean isPlainEnd(CloseReason reason) {
    switch (reason.kind()) {
      case END_OF_STREAM:
      case NETWORK:
      case CLOSE_CODE:
      case HEARTBEAT_TIMEOUT:
        return true;
      default:
        return false;
    }
  }

  /**
   * The loss as a policy shall judge it when something in between spoke in the server's place: an
   * attempt that failed.
   */
  private ConnectionLoss asIfNetworkFailed(
      CloseReason reason, ConnectionEnd end, @Nullable Duration hint, double jitter) {
    CloseReason failed = CloseReason.of(CloseReason.Kind.NETWORK, reason.text(), reason.cause());
    return describe(ConnectionLoss.builder(transport, failed), end, hint, jitter).build();
  }

  private ConnectionLoss.Builder describe(
      ConnectionLoss.Builder loss, ConnectionEnd end, @Nullable Duration hint, double jitter) {
    return loss.everOpened(everOpened)
        .recognised(recognised || end.recognised())
        .credentialsRefreshed(credentialsRefreshed)
        .failures(failures)
        .unopenedInARow(unopenedInARow)
        .previousDelay(delayBefore)
        .retryHint(hint)
        .retryAfter(end.retryAfterMillis() < 0 ? null : Duration.ofMillis(end.retryAfterMillis()))
        .jitter(jitter);
  }

  /** The delay is over, or the network came back: time for the next attempt. */
  Step delayOver() {
    return state == ChannelState.WAITING && !paused ? connect() : Step.NOTHING;
  }

  /** Leaves an open connection, though it works, for another one over this transport. */
  Step changeOver(String to, CloseReason why) {
    if (state != ChannelState.OPEN || once) {
      return Step.NOTHING;
    }
    transport = to;
    unopenedInARow = 0;
    return connectAnew(why);
  }

  /** The device is on another network: what there was of connections and failures is of the old. */
  Step networkChanged(CloseReason why) {
    failures = 0;
    unopenedInARow = 0;
    return hasConnection() ? connectAnew(why) : Step.NOTHING;
  }

  private Step connectAnew(CloseReason why) {
    if (once) {
      return end(why);
    }
    lastFailure = why;
    delayBefore = Duration.ZERO;
    state = ChannelState.WAITING;
    return new Step(Step.Kind.WAIT, Duration.ZERO, why);
  }

  /** Whether there is a connection or an attempt to make one; not before the channel began. */
  private boolean hasConnection() {
    return generation > 0 && isCurrent(generation);
  }

  /** No connection is wanted for now. */
  Step pause(CloseReason why) {
    paused = true;
    if (!hasConnection()) {
      return Step.NOTHING;
    }
    if (once) {
      return end(why);
    }
    lastFailure = why;
    state = ChannelState.WAITING;
    return new Step(Step.Kind.PAUSE, Duration.ZERO, why);
  }

  /** Connections are wanted again; what may follow is {@link #delayOver}. */
  void unpause() {
    paused = false;
  }

  /** The channel shall end for a reason of this side. */
  Step close(CloseReason reason) {
    return isEnded() ? Step.NOTHING : end(reason);
  }

  private Step end(CloseReason reason) {
    state = ChannelState.CLOSING;
    return new Step(Step.Kind.END, Duration.ZERO, reason);
  }

  /** The terminal callback begins. */
  void closed() {
    state = ChannelState.CLOSED;
  }
}
