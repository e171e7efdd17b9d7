package io.eventchannel.jakarta;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;

/** What is to be known of Jetty alone. */
final class Jetty {
  // The idle timeout fails a write that is under way, and the connection with it, as the send
  // timeout would.
  private static final long CLOSE_MILLIS = 5_000;
  private static final long AT_ONCE_MILLIS = 1;

  private Jetty() {}

  /**
   * Bounds the time of a send where that costs nothing. Jetty would schedule a timeout for each
   * frame, in a queue that all connections share: a twelfth of what an event costs. Its sends are
   * bounded when somebody wants them to be over.
   */
  static void boundSends(Session session, RemoteEndpoint.Async remote, long millis) {
    if (!made(session)) {
      remote.setSendTimeout(millis);
    }
  }

  /**
   * A session is about to be closed by us, and must not wait for the peer without end.
   *
   * @param stuck whether a send is under way that is to be given up
   */
  static void closing(Session session, boolean stuck) {
    if (made(session)) {
      session.setMaxIdleTimeout(stuck ? AT_ONCE_MILLIS : CLOSE_MILLIS);
    }
  }

  private static boolean made(Session session) {
    return session.getClass().getName().startsWith("org.eclipse.jetty.");
  }
}
