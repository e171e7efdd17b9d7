package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ChannelEndpoint} decided about a {@link Handshake} that asks for a connection, for
 * the adapter to carry out: either a refusal to write, or headers to answer with and then {@link
 * #open}.
 */
public interface Admission {
  /** The answer that refuses the request, or null if it is admitted. */
  @Nullable Answer refusal();

  /** The headers of the response head or of the 101, in order. */
  Map<String, String> headers();

  /** The WebSocket subprotocol to select, or null for none. */
  @Nullable String subprotocol();

  /** The form in which the connection gets its events; its {@link Outlet#format()} returns this. */
  WireFormat format();

  /** The longest WebSocket message to accept from the peer, in bytes. */
  int maxUpstreamBytes();

  /** How long a write may stay pending before the connection counts as dead, in milliseconds. */
  long writeTimeoutMillis();

  /**
   * Hands over the connection once it can be written to. Called once, unless {@link #cancel}, and
   * within ten seconds: an admission of which nothing has come by then gives its place back, and a
   * connection that comes later is aborted, before this call returns.
   *
   * @return where the adapter tells what happens to the connection
   */
  OutletListener open(Outlet outlet);

  /** Gives the admission back: the connection did not come about. Idempotent. */
  void cancel();
}
