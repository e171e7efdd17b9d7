package io.eventchannel.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class AtMostOnceTest {
  private static final RetryDecision AGAIN = RetryDecision.retry(Duration.ofSeconds(7), 3);

  private final ReconnectPolicy policy = ((ReconnectPolicy) loss -> AGAIN).atMostOnce();

  private static ConnectionLoss.Builder loss(Kind kind, IOException cause) {
    return ConnectionLoss.builder("sse", CloseReason.of(kind, "", cause));
  }

  @Test
  void SSE_C_37_onlyWhereNoSocketCameAboutIsThePolicyAsked() {
    for (IOException cause :
        new IOException[] {
          new ConnectException(), new NoRouteToHostException(), new UnknownHostException()
        }) {
      assertEquals(AGAIN, policy.decide(loss(Kind.NETWORK, cause).build()));
      assertEquals(
          RetryDecision.stop(), policy.decide(loss(Kind.NETWORK, cause).opened(true).build()));
    }
    for (IOException cause :
        new IOException[] {
          new SocketException("reset"), new SocketTimeoutException(), new IOException()
        }) {
      assertEquals(RetryDecision.stop(), policy.decide(loss(Kind.NETWORK, cause).build()));
    }
    for (Kind kind : EnumSet.complementOf(EnumSet.of(Kind.NETWORK))) {
      assertEquals(RetryDecision.stop(), policy.decide(loss(kind, new ConnectException()).build()));
    }
  }
}
