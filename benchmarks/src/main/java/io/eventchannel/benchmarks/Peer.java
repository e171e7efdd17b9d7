package io.eventchannel.benchmarks;

/**
 * What we are compared with: a broadcast that is written by hand over one container's own API, with
 * the feed at {@code /feed} and a {@link ControlSurface} on the next port.
 *
 * <pre>{@code
 * Peer --port 9000 --peer tomcat-ws-async|tomcat-ws-basic|tomcat-sse|
 *     tomcat-sse-head|jetty-ws|jetty-sse|undertow-ws|undertow-sse|spring-sse|nio
 * }</pre>
 */
public final class Peer {
  private Peer() {}

  /** Runs it until the process is ended; prints {@code up} when it serves. */
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    int port = options.number("--port", 9_000);
    String name = options.text("--peer", "tomcat-ws-basic");
    options.end();

    ControlSurface.serve(port + 1, start(name, port));
    System.out.println("up");
  }

  private static Broadcaster start(String name, int port) throws Exception {
    return switch (name) {
      case "tomcat-ws-async" -> JakartaSocketPeer.start("tomcat", port, QueuedSocket::new);
      case "tomcat-ws-basic" -> JakartaSocketPeer.start("tomcat", port, BlockingSocket::new);
      case "jetty-ws" -> JakartaSocketPeer.start("jetty", port, OverlappingSocket::new);
      case "tomcat-sse" -> ServletStreamPeer.start("tomcat", port, false);
      case "tomcat-sse-head" -> ServletStreamPeer.start("tomcat", port, true);
      case "jetty-sse" -> ServletStreamPeer.start("jetty", port, false);
      case "undertow-ws" -> UndertowSocketPeer.start(port);
      case "undertow-sse" -> UndertowStreamPeer.start(port);
      case "spring-sse" -> SpringStreamPeer.start(port);
      case "nio" -> NioPeer.start(port);
      default ->
          throw new IllegalArgumentException("--peer: expected one of the peers, got " + name);
    };
  }
}
