package io.eventchannel.policy;

import io.eventchannel.CloseReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transports a channel may use, best first, and when it goes over to the next one (protocol
 * rules F-1 to F-4). Immutable.
 *
 * <p>A channel goes over when something between it and the server seems to stand in the way of this
 * transport; never for what the server itself says, which {@link ReconnectPolicy} judges.
 */
public final class TransportPreference {
  // This floor knows no transport, only their names; those of the interface Transport stand above.
  private static final String WEBSOCKET = "websocket";
  private static final String SSE = "sse";

  // What stands in the way of a transport is seldom gone in minutes, unless the network changes,
  // which is told. The last is an hour, so that a channel of weeks still finds its way back.
  private static final Duration FIRST_RETURN = Duration.ofMinutes(5);
  private static final Duration LONGEST_RETURN = Duration.ofHours(1);

  private static final TransportPreference WEBSOCKET_FIRST = of(WEBSOCKET, SSE);
  private static final TransportPreference SSE_FIRST = of(SSE, WEBSOCKET);
  private static final TransportPreference WEBSOCKET_ONLY = of(WEBSOCKET);
  private static final TransportPreference SSE_ONLY = of(SSE);

  private final List<String> transports;
  private final Duration returnAfter;

  private TransportPreference(List<String> transports, Duration returnAfter) {
    this.transports = transports;
    this.returnAfter = returnAfter;
  }

  /** Returns the default: WebSocket, and SSE where it does not pass. */
  public static TransportPreference webSocketFirst() {
    return WEBSOCKET_FIRST;
  }

  /** Returns the preference for SSE, and WebSocket where a proxy holds streams back. */
  public static TransportPreference sseFirst() {
    return SSE_FIRST;
  }

  /** Returns the preference for WebSocket and nothing else. */
  public static TransportPreference webSocketOnly() {
    return WEBSOCKET_ONLY;
  }

  /** Returns the preference for SSE and nothing else. */
  public static TransportPreference sseOnly() {
    return SSE_ONLY;
  }

  /**
   * Returns the preference for these transports, best first.
   *
   * @throws IllegalArgumentException if there is none, or one is empty or named twice
   */
  public static TransportPreference of(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("transports: expected at least one name, got none");
    }
    for (String name : names) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("transports: expected names, got an empty one");
      }
    }
    if (new LinkedHashSet<>(Arrays.asList(names)).size() < names.length) {
      throw new IllegalArgumentException(
          "transports: expected each name once, got " + Arrays.toString(names));
    }
    return new TransportPreference(
        Collections.unmodifiableList(new ArrayList<>(Arrays.asList(names))), FIRST_RETURN);
  }

  /**
   * Returns this preference with another time after which a channel that went over looks whether
   * {@link #first()} passes again; 5 minutes by default.
   *
   * @throws IllegalArgumentException unless it is 1 ms to 1 h
   */
  public TransportPreference withReturnAfter(Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(LONGEST_RETURN) > 0) {
      throw new IllegalArgumentException("returnAfter: expected 1 ms to 1 h, got " + value);
    }
    return new TransportPreference(transports, value);
  }

  /** How long a channel that went over waits before it looks for the first time. */
  public Duration returnAfter() {
    return returnAfter;
  }

  /** The names, best first; never empty. */
  public List<String> transports() {
    return transports;
  }

  /** The best transport. */
  public String first() {
    return transports.get(0);
  }

  /**
   * Returns the transport to go over to from {@code current}: the one after it, and after the last
   * one the first again. Is {@code current} itself if there is no other, and {@link #first()} if
   * {@code current} is none of these.
   */
  public String next(String current) {
    return transports.get((transports.indexOf(current) + 1) % transports.size());
  }

  /**
   * Whether the next attempt shall use {@link #next}. Asked before the {@link ReconnectPolicy},
   * which still says whether and when. Where it would end the channel it is asked once more, as
   * after a network that failed, since the status was not the server's; what it says then holds.
   */
  public boolean fallsOver(ConnectionLoss loss) {
    if (loss.opened() || next(loss.transport()).equals(loss.transport())) {
      return false;
    }
    CloseReason reason = loss.reason();
    if (loss.transport().equals(SSE)) {
      return isHeldBack(loss);
    }
    switch (reason.kind()) {
      case HTTP_STATUS:
      case CONTENT_TYPE:
        return !loss.recognised() && !isAnswerOfServers(reason.code());
      case CONNECT_TIMEOUT:
      case BAD_HANDSHAKE:
        return true;
      case NETWORK: // a server that is not there is there for no transport
        return loss.unopenedInARow() >= 2 && !loss.isUnreachable();
      case END_OF_STREAM:
      case HEARTBEAT_TIMEOUT:
      case WRITE_TIMEOUT:
      case PROTOCOL:
        return loss.unopenedInARow() >= 2;
      case CLOSE_CODE: // 1006 is nobody's word; any other code came in a frame of the server's
        return reason.code() == 1006 && loss.unopenedInARow() >= 2;
      case LIMIT:
      case LOCAL:
      case APPLICATION:
        return false;
    }
    throw new AssertionError(reason.kind());
  }

  /**
   * Returns how long a channel that went over to another transport waits before it looks whether
   * {@link #first()} passes again: {@link #returnAfter}, doubled with each look that was in vain,
   * an hour at most, and up to a fifth more.
   *
   * @param looks how often it has looked already, 0 or more; any number is safe
   * @param jitter a random number in [0, 1)
   */
  public Duration returnDelay(int looks, double jitter) {
    long delay = Math.min(returnAfter.toMillis() << Math.min(looks, 22), LONGEST_RETURN.toMillis());
    return Duration.ofMillis(delay + (long) (delay * jitter / 5));
  }

  /**
   * Whether something keeps an event stream until it ends: its head came and not a byte of its
   * body, or, where the head is kept too, the wait for it timed out twice in a row. Once proves
   * nothing: a network that was gone for a moment looks the same, and WebSocket would fare no
   * better.
   */
  private static boolean isHeldBack(ConnectionLoss loss) {
    CloseReason.Kind kind = loss.reason().kind();
    return kind == CloseReason.Kind.HEARTBEAT_TIMEOUT
        || (kind == CloseReason.Kind.CONNECT_TIMEOUT && loss.unopenedInARow() >= 2);
  }

  /** Statuses that speak of the caller or of load, whoever sends them: any transport meets them. */
  private static boolean isAnswerOfServers(int status) {
    return status == 401 || status == 407 || status == 429 || status == 503;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TransportPreference
        && transports.equals(((TransportPreference) other).transports)
        && returnAfter.equals(((TransportPreference) other).returnAfter);
  }

  @Override
  public int hashCode() {
    return Objects.hash(transports, returnAfter);
  }

  @Override
  public String toString() {
    return transports.toString();
  }
}
