package io.eventchannel.policy;

import io.eventchannel.CloseReason;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything a policy may know about a connection that ended, or an attempt that failed. Immutable;
 * built by the engine, and by tests.
 */
public final class ConnectionLoss {
  private final CloseReason reason;
  private final String transport;
  private final boolean opened;
  private final boolean everOpened;
  private final boolean recognised;
  private final boolean credentialsRefreshed;
  private final int failures;
  private final int unopenedInARow;
  private final Duration uptime;
  private final Duration previousDelay;
  private final @Nullable Duration retryHint;
  private final @Nullable Duration retryAfter;
  private final double jitter;

  private ConnectionLoss(Builder builder) {
    this.reason = builder.reason;
    this.transport = builder.transport;
    this.opened = builder.opened;
    this.everOpened = builder.everOpened;
    this.recognised = builder.recognised;
    this.credentialsRefreshed = builder.credentialsRefreshed;
    this.failures = builder.failures;
    this.unopenedInARow = builder.unopenedInARow;
    this.uptime = builder.uptime;
    this.previousDelay = builder.previousDelay;
    this.retryHint = builder.retryHint;
    this.retryAfter = builder.retryAfter;
    this.jitter = builder.jitter;
  }

  /** Starts a description of a loss over {@code transport} for {@code reason}. */
  public static Builder builder(String transport, CloseReason reason) {
    return new Builder(transport, reason);
  }

  /** Why the connection ended. */
  public CloseReason reason() {
    return reason;
  }

  /** The name of the transport that was used. */
  public String transport() {
    return transport;
  }

  /** Whether this connection had been open: its handshake done and its first bytes seen. */
  public boolean opened() {
    return opened;
  }

  /** Whether any connection of the channel has ever been open, this one included. */
  public boolean everOpened() {
    return everOpened;
  }

  /** Whether the answer came from a server of ours ({@code EventChannel-Version}). */
  public boolean recognised() {
    return recognised;
  }

  /**
   * Whether credentials were asked for again since the last open connection before this one: this
   * one was made with fresh ones, or was to be.
   */
  public boolean credentialsRefreshed() {
    return credentialsRefreshed;
  }

  /** Losses in a row before this one that no stable connection interrupted; never negative. */
  public int failures() {
    return failures;
  }

  /**
   * Connections of this transport in a row, this one included, that never opened; without attempts
   * that ended before there were credentials for them.
   */
  public int unopenedInARow() {
    return unopenedInARow;
  }

  /** How long the connection was open; zero if it never was. */
  public Duration uptime() {
    return uptime;
  }

  /** The delay before this connection; zero before the first. */
  public Duration previousDelay() {
    return previousDelay;
  }

  /** The reconnection time last asked for by the server ({@code retry:}), or null. */
  public @Nullable Duration retryHint() {
    return retryHint;
  }

  /** The {@code Retry-After} of this answer (RFC 9110, section 10.2.3), or null. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Whether no socket came about at all, so that nothing was sent to anybody. */
  boolean isUnreachable() {
    Throwable cause = reason.cause();
    return reason.kind() == CloseReason.Kind.NETWORK
        && !opened
        && (cause instanceof ConnectException
            || cause instanceof NoRouteToHostException
            || cause instanceof UnknownHostException);
  }

  /** A random number in [0, 1), drawn by the engine so that a decision stays a pure function. */
  public double jitter() {
    return jitter;
  }

  @Override
  public String toString() {
    return "ConnectionLoss{"
        + transport
        + ", "
        + reason
        + ", failures="
        + failures
        + ", opened="
        + opened
        + ", uptime="
        + uptime
        + "}";
  }

  /** Builds a {@link ConnectionLoss}. What is not set is the state of a very first attempt. */
  public static final class Builder {
    private final String transport;
    private final CloseReason reason;
    private boolean opened;
    private boolean everOpened;
    private boolean recognised;
    private boolean credentialsRefreshed;
    private int failures;
    private int unopenedInARow;
    private Duration uptime = Duration.ZERO;
    private Duration previousDelay = Duration.ZERO;
    private @Nullable Duration retryHint;
    private @Nullable Duration retryAfter;
    private double jitter;

    private Builder(String transport, CloseReason reason) {
      this.transport = Objects.requireNonNull(transport, "transport");
      this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** Sets {@link ConnectionLoss#opened()}. */
    public Builder opened(boolean value) {
      opened = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#everOpened()}. */
    public Builder everOpened(boolean value) {
      everOpened = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#recognised()}. */
    public Builder recognised(boolean value) {
      recognised = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#credentialsRefreshed()}. */
    public Builder credentialsRefreshed(boolean value) {
      credentialsRefreshed = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#failures()}. */
    public Builder failures(int value) {
      if (value < 0) {
        throw new IllegalArgumentException("failures: expected 0 or more, got " + value);
      }
      failures = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#unopenedInARow()}. */
    public Builder unopenedInARow(int value) {
      unopenedInARow = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#uptime()}. */
    public Builder uptime(Duration value) {
      uptime = Objects.requireNonNull(value, "uptime");
      return this;
    }

    /** Sets {@link ConnectionLoss#previousDelay()}. */
    public Builder previousDelay(Duration value) {
      previousDelay = Objects.requireNonNull(value, "previousDelay");
      return this;
    }

    /** Sets {@link ConnectionLoss#retryHint()}. */
    public Builder retryHint(@Nullable Duration value) {
      retryHint = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#retryAfter()}. */
    public Builder retryAfter(@Nullable Duration value) {
      retryAfter = value;
      return this;
    }

    /** Sets {@link ConnectionLoss#jitter()}. */
    public Builder jitter(double value) {
      if (!(value >= 0 && value < 1)) {
        throw new IllegalArgumentException("jitter: expected [0, 1), got " + value);
      }
      jitter = value;
      return this;
    }

    /** Returns the description. */
    public ConnectionLoss build() {
      return new ConnectionLoss(this);
    }
  }
}
