package io.eventchannel.examples;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

/** Serves the demo's page and its two buttons. */
final class DemoServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  // Enough for a young collection on any heap that a laptop gives a JVM.
  private static final int GARBAGE_CHUNKS = 2_000;
  private static final int GARBAGE_CHUNK_BYTES = 256 * 1024;

  private final transient Predicate<String> cut;

  DemoServlet(Predicate<String> cut) {
    this.cut = cut;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!request.getServletPath().equals("/")) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    try (InputStream page = DemoServlet.class.getResourceAsStream("demo.html")) {
      if (page == null) {
        throw new IOException("demo.html is missing beside " + DemoServlet.class);
      }
      response.setContentType("text/html;charset=utf-8");
      response.setHeader("Cache-Control", "no-cache");
      page.transferTo(response.getOutputStream());
    }
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) {
    switch (request.getServletPath()) {
      case "/cut" -> {
        String channel = request.getParameter("channel");
        boolean found = channel != null && cut.test(channel);
        response.setStatus(
            found ? HttpServletResponse.SC_NO_CONTENT : HttpServletResponse.SC_NOT_FOUND);
      }
      case "/garbage" -> {
        long sum = 0;
        for (int i = 0; i < GARBAGE_CHUNKS; i++) {
          sum += new byte[GARBAGE_CHUNK_BYTES].length;
        }
        response.setHeader("Demo-Garbage", Long.toString(sum));
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      }
      default -> response.setStatus(HttpServletResponse.SC_NOT_FOUND);
    }
  }
}
