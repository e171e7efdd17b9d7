package io.eventchannel.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The least that Java must spend: both transports over plain sockets. The publisher writes to each
 * of them what is encoded once in direct memory; one thread accepts, reads, and writes what a
 * socket did not take.
 */
final class NioPeer {
  private static final int BACKLOG = 1_000;

  private final Selector selector;
  private final ServerSocketChannel server;
  private final Subscribers<NioConnection.Wire> subscribers =
      new Subscribers<>(NioConnection.Wire::of);

  private NioPeer(int port) throws IOException {
    selector = Selector.open();
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  static Broadcaster start(int port) throws IOException {
    NioPeer peer = new NioPeer(port);
    new Thread(peer::run, "nio").start();
    return peer.subscribers;
  }

  private void run() {
    try {
      while (true) {
        selector.select(this::ready);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (!(key.attachment() instanceof NioConnection connection)) {
        accept();
      } else if (key.isWritable()) {
        connection.writeRest();
      } else if (connection.read()) {
        subscribers.add(connection);
      }
    } catch (IOException e) {
      if (key.attachment() instanceof NioConnection connection) {
        subscribers.remove(connection);
        connection.close();
      }
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = server.accept();
    if (channel == null) {
      return;
    }
    channel.configureBlocking(false);
    channel.socket().setTcpNoDelay(true);
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
    key.attach(new NioConnection(channel, key));
  }
}
