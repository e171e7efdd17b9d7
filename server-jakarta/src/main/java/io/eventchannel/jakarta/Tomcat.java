package io.eventchannel.jakarta;

/** What is to be known of Tomcat alone. */
final class Tomcat {
  /**
   * What its buffers of 8 KiB take, framing included. The rest of a larger write to a stream leaves
   * when another thread has seen that it may, and a larger text message is cut into frames.
   */
  static final int BATCH_BYTES = 8 * 1024 - 32;

  private Tomcat() {}

  /** Whether an object that a container has made is one of Tomcat's. */
  static boolean made(Object object) {
    String name = object.getClass().getName();
    return name.startsWith("org.apache.catalina.") || name.startsWith("org.apache.tomcat.");
  }
}
