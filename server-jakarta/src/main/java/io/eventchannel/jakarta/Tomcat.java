package io.eventchannel.jakarta;

import java.util.Map;

/** What is to be known of Tomcat alone. */
final class Tomcat {
  /**
   * What its buffers of 8 KiB take, framing included. The rest of a larger write to a stream leaves
   * when another thread has seen that it may, and a larger text message is cut into frames.
   */
  static final int BATCH_BYTES = 8 * 1024 - 32;

  // How long a call on a session may wait for its socket, and how long the container then tries to
  // send a close of a code other than 1000; it asks for both each time.
  private static final String SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";
  private static final String CLOSE_SEND_TIMEOUT =
      "org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT";

  // Unless told, the second is as short as this, and a send that is at its end may still hold the
  // session: the peer then sees no close at all.
  private static final Long PATIENT_MILLIS = 5_000L;

  // A session for which a loop would have to wait so long is one to be cut: it can resume, and all
  // others wait with it. Longer than a busy machine keeps a thread from its processor.
  private static final Long HASTY_MILLIS = 1_000L;

  private Tomcat() {}

  /** Lets calls on a session wait as they usually may; it is given by its user properties. */
  static void bePatient(Map<String, Object> session) {
    session.put(CLOSE_SEND_TIMEOUT, PATIENT_MILLIS);
    session.remove(SEND_TIMEOUT);
  }

  /** Lets no call on a session wait for long. */
  static void beHasty(Map<String, Object> session) {
    session.put(CLOSE_SEND_TIMEOUT, HASTY_MILLIS);
    session.put(SEND_TIMEOUT, HASTY_MILLIS);
  }

  /** Whether an object that a container has made is one of Tomcat's. */
  static boolean made(Object object) {
    String name = object.getClass().getName();
    return name.startsWith("org.apache.catalina.") || name.startsWith("org.apache.tomcat.");
  }
}
