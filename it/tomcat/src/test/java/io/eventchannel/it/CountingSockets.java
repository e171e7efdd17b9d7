package io.eventchannel.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;

/** The sockets of clients, counted while they are not closed. */
final class CountingSockets extends SocketFactory {
  private final AtomicInteger open = new AtomicInteger();

  /** How many sockets were created and not closed. */
  int open() {
    return open.get();
  }

  @Override
  public Socket createSocket() {
    return new Counted(open);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("OkHttp connects by itself");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("OkHttp connects by itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("OkHttp connects by itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("OkHttp connects by itself");
  }

  private static final class Counted extends Socket {
    private final AtomicInteger open;
    private final AtomicBoolean counts = new AtomicBoolean(true);

    Counted(AtomicInteger open) {
      this.open = open;
      open.incrementAndGet();
    }

    @Override
    public void close() throws IOException {
      super.close();
      if (counts.getAndSet(false)) {
        open.decrementAndGet();
      }
    }
  }
}
