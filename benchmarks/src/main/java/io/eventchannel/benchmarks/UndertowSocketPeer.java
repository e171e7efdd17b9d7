package io.eventchannel.benchmarks;

import io.undertow.Handlers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Text messages over Undertow's own API, which takes bytes and queues them. */
final class UndertowSocketPeer extends Subscriber<ByteBuffer> implements WebSocketCallback<Void> {
  private final WebSocketChannel channel;
  private final Subscribers<ByteBuffer> subscribers;

  private UndertowSocketPeer(WebSocketChannel channel, Subscribers<ByteBuffer> subscribers) {
    this.channel = channel;
    this.subscribers = subscribers;
  }

  static Broadcaster start(int port) {
    Subscribers<ByteBuffer> subscribers =
        new Subscribers<>(
            (seq, data) ->
                ByteBuffer.wrap(
                    Subscribers.webSocketText(seq, data).getBytes(StandardCharsets.UTF_8)));
    Containers.undertowOf(
        port,
        Handlers.path()
            .addExactPath(
                "/feed",
                Handlers.websocket(
                    (exchange, channel) -> new UndertowSocketPeer(channel, subscribers).open())));
    return subscribers;
  }

  private void open() {
    channel.addCloseTask(closed -> subscribers.remove(this));
    channel.getReceiveSetter().set(new AbstractReceiveListener() {});
    subscribers.add(this);
    channel.resumeReceives();
  }

  @Override
  void send(ByteBuffer event) {
    begin();
    WebSockets.sendText(event.duplicate(), channel, this);
  }

  @Override
  public void complete(WebSocketChannel channel, Void context) {
    end();
  }

  @Override
  public void onError(WebSocketChannel channel, Void context, Throwable error) {
    end();
    subscribers.remove(this);
  }
}
