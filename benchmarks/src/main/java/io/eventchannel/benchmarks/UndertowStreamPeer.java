package io.eventchannel.benchmarks;

import io.undertow.Handlers;
import io.undertow.server.handlers.sse.ServerSentEventConnection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Undertow's own handler of server-sent events, which encodes and queues for each connection. */
final class UndertowStreamPeer extends Subscriber<UndertowStreamPeer.Numbered>
    implements ServerSentEventConnection.EventCallback {
  private final ServerSentEventConnection connection;
  private final Subscribers<Numbered> subscribers;

  record Numbered(String id, String data) {}

  private UndertowStreamPeer(
      ServerSentEventConnection connection, Subscribers<Numbered> subscribers) {
    this.connection = connection;
    this.subscribers = subscribers;
  }

  static Broadcaster start(int port) {
    Subscribers<Numbered> subscribers =
        new Subscribers<>((seq, data) -> new Numbered(Long.toString(seq), data));
    Containers.undertowOf(
        port,
        Handlers.path()
            .addExactPath(
                "/feed",
                Handlers.serverSentEvents(
                    (connection, lastId) ->
                        new UndertowStreamPeer(connection, subscribers).open())));
    return subscribers;
  }

  private void open() {
    connection.addCloseTask(closed -> subscribers.remove(this));
    subscribers.add(this);
  }

  @Override
  void send(Numbered event) {
    begin();
    connection.send(event.data(), null, event.id(), this);
  }

  @Override
  public void done(
      ServerSentEventConnection connection,
      @Nullable String data,
      @Nullable String event,
      @Nullable String id) {
    end();
  }

  @Override
  public void failed(
      ServerSentEventConnection connection,
      @Nullable String data,
      @Nullable String event,
      @Nullable String id,
      IOException error) {
    end();
    subscribers.remove(this);
  }
}
