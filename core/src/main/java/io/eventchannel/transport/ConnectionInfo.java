package io.eventchannel.transport;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the head of an answer said. Immutable. Over WebSocket only the version is known from the
 * head; the rest comes in the first {@code eventchannel.hello}, which the engine reads.
 */
public final class ConnectionInfo {
  private final boolean recognised;
  private final @Nullable String channelId;
  private final long heartbeatMillis;
  private final boolean sends;
  private final boolean binary;
  private final boolean positionWithheld;
  private final long acknowledged;

  /**
   * Creates one. A server of ours takes events; of another one, say so with {@link #sending}.
   *
   * @param recognised whether the server said {@code EventChannel-Version}
   * @param channelId {@code EventChannel-Id}, or null
   * @param heartbeatMillis {@code EventChannel-Heartbeat}; -1 if the server did not say
   */
  public ConnectionInfo(boolean recognised, @Nullable String channelId, long heartbeatMillis) {
    this(recognised, channelId, heartbeatMillis, recognised, false, false, -1);
  }

  private ConnectionInfo(
      boolean recognised,
      @Nullable String channelId,
      long heartbeatMillis,
      boolean sends,
      boolean binary,
      boolean positionWithheld,
      long acknowledged) {
    this.recognised = recognised;
    this.channelId = channelId;
    this.heartbeatMillis = heartbeatMillis;
    this.sends = sends;
    this.binary = binary;
    this.positionWithheld = positionWithheld;
    this.acknowledged = acknowledged;
  }

  /** Returns what is known about a server that is none of ours. */
  public static ConnectionInfo foreign() {
    return new ConnectionInfo(false, null, -1);
  }

  /** Returns this, for a connection over which {@link Connection#send} reaches the peer. */
  public ConnectionInfo sending() {
    return new ConnectionInfo(
        recognised, channelId, heartbeatMillis, true, binary, positionWithheld, acknowledged);
  }

  /** Returns this, for a connection that carries binary events both ways. */
  public ConnectionInfo carryingBinary() {
    return new ConnectionInfo(
        recognised, channelId, heartbeatMillis, sends, true, positionWithheld, acknowledged);
  }

  /**
   * Returns this, for a connection whose server was not told the position of the request: what came
   * meanwhile is missing, and the listener is told so.
   */
  public ConnectionInfo withPositionWithheld() {
    return new ConnectionInfo(
        recognised, channelId, heartbeatMillis, sends, binary, true, acknowledged);
  }

  /**
   * Returns this, for a server that said up to which number it has decided what the channel sent
   * ({@code EventChannel-Ack}).
   */
  public ConnectionInfo withAcknowledged(long seq) {
    return new ConnectionInfo(
        recognised, channelId, heartbeatMillis, sends, binary, positionWithheld, seq);
  }

  /** The number up to which what was sent is decided; -1 when the head did not say. */
  public long acknowledged() {
    return acknowledged;
  }

  /** Whether the server was not told the position, though there was one. */
  public boolean isPositionWithheld() {
    return positionWithheld;
  }

  /** Whether this is a server of ours, so that {@code eventchannel.*} events are control. */
  public boolean recognised() {
    return recognised;
  }

  /** The channel's ID, or null when the head did not say. */
  public @Nullable String channelId() {
    return channelId;
  }

  /** The server's heartbeat interval in milliseconds; -1 when the head did not say. */
  public long heartbeatMillis() {
    return heartbeatMillis;
  }

  /**
   * Whether {@link Connection#send} reaches the peer. One that is not a server of ours acknowledges
   * nothing: an event counts as taken when it was handed to the connection.
   */
  public boolean sends() {
    return sends;
  }

  /**
   * Whether binary events can travel, as far as the head tells: over WebSocket a server of ours
   * says so in its hello.
   */
  public boolean carriesBinary() {
    return binary;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof ConnectionInfo)) {
      return false;
    }
    ConnectionInfo that = (ConnectionInfo) other;
    return recognised == that.recognised
        && Objects.equals(channelId, that.channelId)
        && heartbeatMillis == that.heartbeatMillis
        && sends == that.sends
        && binary == that.binary
        && positionWithheld == that.positionWithheld
        && acknowledged == that.acknowledged;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        recognised, channelId, heartbeatMillis, sends, binary, positionWithheld, acknowledged);
  }
}
