package io.eventchannel.server;

import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A client's transport that leads straight to an endpoint, over a network which the test moves.
 * Each connection is a WebSocket or an event stream, as the random source says.
 */
final class VirtualWire implements Transport {
  final List<VirtualConnection> connections = new ArrayList<>();
  private final Supplier<ChannelEndpoint> endpoint;
  private final Scheduler clock;
  private final Random random;
  private final Handshake.Kind[] kinds;

  VirtualWire(Supplier<ChannelEndpoint> endpoint, Scheduler clock, Random random) {
    this(endpoint, clock, random, Handshake.Kind.SSE, Handshake.Kind.WEBSOCKET);
  }

  /** Creates one whose connections are of one of these kinds. */
  VirtualWire(
      Supplier<ChannelEndpoint> endpoint, Scheduler clock, Random random, Handshake.Kind... kinds) {
    this.endpoint = endpoint;
    this.clock = clock;
    this.random = random;
    this.kinds = kinds;
  }

  @Override
  public String name() {
    return WEBSOCKET;
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    Handshake.Kind kind = kinds[random.nextInt(kinds.length)];
    VirtualConnection connection =
        new VirtualConnection(endpoint.get(), clock, kind, request, listener);
    connections.add(connection);
    return connection;
  }

  /** Moves one thing that is under way, if there is any. */
  void move() {
    List<VirtualConnection> busy = new ArrayList<>();
    for (VirtualConnection connection : connections) {
      if (connection.isBusy()) {
        busy.add(connection);
      }
    }
    if (!busy.isEmpty()) {
      busy.get(random.nextInt(busy.size())).move(random);
    }
  }

  /** Moves all that is under way. */
  void moveAll() {
    while (connections.stream().anyMatch(VirtualConnection::isBusy)) {
      move();
    }
  }

  /** Cuts the newest connection. */
  void cut() {
    if (!connections.isEmpty()) {
      connections.get(connections.size() - 1).cut(random);
    }
  }

  @Override
  public void close() {}
}
