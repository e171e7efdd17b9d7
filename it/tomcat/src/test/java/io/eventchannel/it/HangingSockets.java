package io.eventchannel.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import javax.net.SocketFactory;

/**
 * Makes sockets whose connect to some addresses is never answered, as where packets are dropped.
 */
final class HangingSockets extends SocketFactory {
  /** Open once a connect hangs. */
  final CountDownLatch connecting = new CountDownLatch(1);

  /** Open once a socket whose connect hung was closed. */
  final CountDownLatch closed = new CountDownLatch(1);

  private final Predicate<InetAddress> hangs;

  HangingSockets(Predicate<InetAddress> hangs) {
    this.hangs = hangs;
  }

  @Override
  public Socket createSocket() {
    return new HangingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  private final class HangingSocket extends Socket {
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean hung;

    @Override
    public void connect(SocketAddress address, int timeout) throws IOException {
      if (!hangs.test(((InetSocketAddress) address).getAddress())) {
        super.connect(address, timeout);
        return;
      }
      hung = true;
      connecting.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new SocketException("closed while it connected");
    }

    @Override
    public void close() throws IOException {
      super.close();
      end.countDown();
      if (hung) {
        closed.countDown();
      }
    }
  }
}
