package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is answered at once and opens nothing. */
final class Refusal implements Admission {
  private final Answer answer;

  Refusal(Answer answer) {
    this.answer = answer;
  }

  @Override
  public Answer refusal() {
    return answer;
  }

  @Override
  public Map<String, String> headers() {
    return answer.headers();
  }

  @Override
  public @Nullable String subprotocol() {
    return null;
  }

  @Override
  public WireFormat format() {
    throw new IllegalStateException("refused with " + answer.status());
  }

  @Override
  public int maxUpstreamBytes() {
    return 0;
  }

  @Override
  public long writeTimeoutMillis() {
    return 0;
  }

  @Override
  public OutletListener open(Outlet outlet) {
    throw new IllegalStateException("refused with " + answer.status());
  }

  @Override
  public void cancel() {}
}
