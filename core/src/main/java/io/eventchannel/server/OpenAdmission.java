package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An admitted request: holds a place among the connections until it is opened or given back. */
final class OpenAdmission implements Admission {
  private final ChannelEndpoint endpoint;
  private final Admissions.Request request;
  private final @Nullable Position start;
  private final String channelId;
  private final @Nullable String principal;
  private final Map<String, String> headers;
  private final long writeTimeoutMillis;
  private final int maxUpstreamBytes;
  private final AtomicBoolean used = new AtomicBoolean();

  OpenAdmission(
      ChannelEndpoint endpoint,
      Admissions.Request request,
      @Nullable Position start,
      String channelId,
      @Nullable String principal,
      Map<String, String> headers,
      long writeTimeoutMillis,
      int maxUpstreamBytes) {
    this.endpoint = endpoint;
    this.request = request;
    this.start = start;
    this.channelId = channelId;
    this.principal = principal;
    this.headers = Collections.unmodifiableMap(headers);
    this.writeTimeoutMillis = writeTimeoutMillis;
    this.maxUpstreamBytes = maxUpstreamBytes;
  }

  @Override
  public @Nullable Answer refusal() {
    return null;
  }

  @Override
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public @Nullable String subprotocol() {
    return request.subprotocol;
  }

  @Override
  public WireFormat format() {
    return request.reading.format;
  }

  @Override
  public int maxUpstreamBytes() {
    return maxUpstreamBytes;
  }

  @Override
  public long writeTimeoutMillis() {
    return writeTimeoutMillis;
  }

  @Override
  public OutletListener open(Outlet outlet) {
    if (!used.compareAndSet(false, true)) {
      throw new IllegalStateException("admission: expected one open or cancel, got another");
    }
    return endpoint.open(request, start, channelId, principal, outlet);
  }

  @Override
  public void cancel() {
    if (used.compareAndSet(false, true)) {
      endpoint.releasePlace();
    }
  }
}
