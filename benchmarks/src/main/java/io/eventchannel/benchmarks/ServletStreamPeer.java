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

  private ServletStreamPeer(Subscribers<byte[]> subscribers) {
    this.subscribers = subscribers;
  }

  static Broadcaster start(String container, int port) throws Exception {
    Subscribers<byte[]> subscribers = new Subscribers<>(Subscribers::sseBytes);
    ServletStreamPeer servlet = new ServletStreamPeer(subscribers);
    Containers.start(container, port, context -> Containers.add(context, "/feed", servlet));
    return subscribers;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/event-stream");
    response.setCharacterEncoding("UTF-8");
    response.setHeader("Cache-Control", "no-store");
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    ServletStream stream = new ServletStream(async, response.getOutputStream(), subscribers);
    stream.open();
  }
}
