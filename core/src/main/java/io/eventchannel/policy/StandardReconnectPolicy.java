package io.eventchannel.policy;

import io.eventchannel.CloseReason;
import java.time.Duration;
import java.util.Objects;

/** The standard table (protocol rules ), one for all transports. */
final class StandardReconnectPolicy implements ReconnectPolicy {
  static final ReconnectPolicy DEFAULT = new StandardReconnectPolicy(Backoff.standard());

  // A server that is overloaded or under repair knows better than we how long it needs, and rate
  // limits rarely count in more than hours; but a broken date must not silence a channel for ever.
  // Asking once an hour is no load.
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

  private final Backoff backoff;

  StandardReconnectPolicy(Backoff backoff) {
    this.backoff = Objects.requireNonNull(backoff, "backoff");
  }

  @Override
  public RetryDecision decide(ConnectionLoss loss) {
    CloseReason reason = loss.reason();
    switch (reason.kind()) {
      case HTTP_STATUS:
        return afterStatus(loss, reason.code());
      case CONTENT_TYPE:
        return afterSuccess(loss, reason.code());
      case CLOSE_CODE:
        return afterCloseCode(loss, reason.code());
      case END_OF_STREAM:
      case NETWORK:
      case CONNECT_TIMEOUT:
      case HEARTBEAT_TIMEOUT:
      case WRITE_TIMEOUT:
        return atOnceIfStable(loss);
      case BAD_HANDSHAKE:
      case PROTOCOL: // may be a proxy's doing, or a cut chunk; but the same event may be the cause
        return backOff(loss);
      case LIMIT: // the same event would meet us again
      case LOCAL:
      case APPLICATION:
        return RetryDecision.stop();
    }
    throw new AssertionError(reason.kind());
  }

  private RetryDecision afterStatus(ConnectionLoss loss, int status) {
    if (status == 401 || status == 407) {
      // At once and uncounted: it happens once, until a connection is open again, and lasts: a
      // stream may open with credentials that its POSTs are then refused with.
      if (isStable(loss)) {
        return RetryDecision.retry(Duration.ZERO, 0).withFreshCredentials();
      }
      return loss.credentialsRefreshed()
          ? RetryDecision.stop()
          : RetryDecision.retry(Duration.ZERO, loss.failures()).withFreshCredentials();
    }
    if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599)) {
      return backOff(loss);
    }
    return status >= 200 && status <= 299 ? afterSuccess(loss, status) : RetryDecision.stop();
  }

  /**
   * A success that is no stream: 204 says stop; of others, a captive portal is the likely author.
   */
  private RetryDecision afterSuccess(ConnectionLoss loss, int status) {
    return status != 204 && loss.everOpened() ? backOff(loss) : RetryDecision.stop();
  }

  private RetryDecision afterCloseCode(ConnectionLoss loss, int code) {
    switch (code) {
      case 1000: // done
      case 1002: // protocol error
      case 1003: // this kind of data is not taken
      case 1007: // malformed data
      case 1008: // policy
      case 1009: // too big
      case 1010: // extension missing
        return RetryDecision.stop();
      case 4001: // credentials ran out, or are to be judged anew: on several servers, several times
        return atOnceIfStable(loss).withFreshCredentials();
      case 1005: // no code
      case 1006: // cut
        return atOnceIfStable(loss);
      default:
        if ((code >= 3000 && code <= 3999) || (code >= 4500 && code <= 4999)) {
          return RetryDecision.stop();
        }
        // 4000-4499 concern this connection alone. 1001 and 1011-1014 come from a server that goes
        // away or is in trouble, with all its clients at once. What is left must not be on the wire
        // (RFC 6455, section 7.4): the peer broke the protocol.
        return code >= 4000 && code <= 4499 ? atOnceIfStable(loss) : backOff(loss);
    }
  }

  private boolean isStable(ConnectionLoss loss) {
    return loss.opened() && loss.uptime().compareTo(backoff.resetAfter()) >= 0;
  }

  /**
   * The first attempt after a stable connection is free, unless the server asked for a pause. It is
   * not counted, so the one after it waits the base delay.
   */
  private RetryDecision atOnceIfStable(ConnectionLoss loss) {
    Duration hint = loss.retryHint();
    boolean pauseAsked = loss.retryAfter() != null || (hint != null && !hint.isZero());
    return isStable(loss) && !pauseAsked ? RetryDecision.retry(Duration.ZERO, 0) : backOff(loss);
  }

  private RetryDecision backOff(ConnectionLoss loss) {
    int failures = isStable(loss) ? 0 : loss.failures();
    Duration delay = backoff.delay(failures, loss.jitter(), loss.retryHint());
    Duration retryAfter = loss.retryAfter();
    if (retryAfter != null) {
      Duration least =
          retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : retryAfter;
      // Spread over one base delay: everybody who was refused at that moment got the same answer.
      Duration spread = least.plus(backoff.delay(0, loss.jitter(), null));
      delay = delay.compareTo(spread) < 0 ? spread : delay;
    }
    return RetryDecision.retry(delay, failures == Integer.MAX_VALUE ? failures : failures + 1);
  }
}
