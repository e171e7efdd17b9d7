package io.eventchannel.jakarta;

import io.eventchannel.codec.WireFormat;
import java.util.Map;

/** What is to be known of Tomcat alone. */
final class Tomcat {
  /**
   * What its buffers of 8 KiB take, framing included. The rest of a larger write to a stream leaves
   * when another thread has seen that it may, and a larger text message is cut into frames.
   */
  static final int BATCH_BYTES = 8 * 1024 - 32;

  // A binary frame is written past the buffers. Two of these are within the credit of a session.
  private static final int BINARY_FRAME_BYTES = 20_000;

  // How long the container tries to send a close of a code other than 1000, and how long it then
  // waits for the peer's half before it cuts the connection. It asks for each when the time comes,
  // so that an idle session holds none.
  private static final String CLOSE_SEND_TIMEOUT =
      "org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT";

  private static final String CLOSE_TIMEOUT = "org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT";

  // Unless told, it is 50 ms, and an answer to the peer's close that finds a send in its way sleeps
  // for all of these before it looks again: the peer then sees no close at all. A session that is
  // sent little has nothing in the way nearly always, and is spared what this takes to keep.
  private static final Long CLOSE_SEND_MILLIS = 5_000L;

  // Unless told, 30 s.
  private static final Long CLOSE_MILLIS = 5_000L;

  private static final Long AT_ONCE_MILLIS = 1L;

  private Tomcat() {}

  /** What a session takes as one. */
  static int batchBytes(WireFormat format) {
    return format == WireFormat.BYTES ? BINARY_FRAME_BYTES : BATCH_BYTES;
  }

  /**
   * Lets a close wait for the send that holds the session, also one that answers the peer's or that
   * the container begins by itself; but not one that is to cut.
   */
  static void closeMayWait(Map<String, Object> session) {
    session.putIfAbsent(CLOSE_SEND_TIMEOUT, CLOSE_SEND_MILLIS);
  }

  /** A session, given by its user properties, is about to be closed by us. */
  static void closing(Map<String, Object> session) {
    closeMayWait(session);
    session.put(CLOSE_TIMEOUT, CLOSE_MILLIS);
  }

  /** Lets a close that finds another send in its way cut the connection instead. */
  static void closesAtOnce(Map<String, Object> session) {
    session.put(CLOSE_SEND_TIMEOUT, AT_ONCE_MILLIS);
    session.put(CLOSE_TIMEOUT, CLOSE_MILLIS);
  }

  /** Whether an object that a container has made is one of Tomcat's. */
  static boolean made(Object object) {
    String name = object.getClass().getName();
    return name.startsWith("org.apache.catalina.") || name.startsWith("org.apache.tomcat.");
  }
}
