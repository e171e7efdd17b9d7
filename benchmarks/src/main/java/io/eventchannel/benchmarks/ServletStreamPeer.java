package io.eventchannel.benchmarks;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Server-sent events from an asynchronous servlet that never waits for a peer. */
final class ServletStreamPeer extends HttpServlet {
  private static final long serialVersionUID = 1;

  private final transient Subscribers<byte[]> subscribers;

  private final boolean fullHead;

  private ServletStreamPeer(Subscribers<byte[]> subscribers, boolean fullHead) {
    this.subscribers = subscribers;
    this.fullHead = fullHead;
  }

  /**
   * Starts it.
   *
   * @param fullHead whether its answers have the head that ours have, of which containers keep a
   *     copy as long as the stream
   */
  static Broadcaster start(String container, int port, boolean fullHead) throws Exception {
    Subscribers<byte[]> subscribers = new Subscribers<>(Subscribers::sseBytes);
    ServletStreamPeer servlet = new ServletStreamPeer(subscribers, fullHead);
    Containers.start(container, port, context -> Containers.add(context, "/feed", servlet));
    return subscribers;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/event-stream");
    response.setCharacterEncoding("UTF-8");
    response.setHeader("Cache-Control", "no-store");
    if (fullHead) {
      response.setHeader("EventChannel-Version", "1");
      response.setHeader("Vary", "Origin");
      response.setHeader("X-Accel-Buffering", "no");
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("EventChannel-Id", "0123456789012345678912");
      response.setHeader("EventChannel-Heartbeat", "15000");
      response.setHeader("EventChannel-Resume", "new");
    }
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    ServletStream stream = new ServletStream(async, response.getOutputStream(), subscribers);
    stream.open();
  }
}
