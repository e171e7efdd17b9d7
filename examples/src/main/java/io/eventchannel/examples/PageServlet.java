package io.eventchannel.examples;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Serves an example's page at {@code /}, and at {@code /live.js} and {@code /page.css} what some
 * pages share. Where the page says {@code @START@} it puts the position from which the page shall
 * read.
 */
final class PageServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final String page;
  private final String start;

  PageServlet(String page, String start) {
    this.page = page;
    this.start = start;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getServletPath()) {
      case "/" -> send(response, "text/html", read(page).replace("@START@", start));
      case "/live.js" -> send(response, "text/javascript", read("live.js"));
      case "/page.css" -> send(response, "text/css", read("page.css"));
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private static String read(String name) throws IOException {
    try (InputStream file = PageServlet.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IOException(name + " is missing beside " + PageServlet.class);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void send(HttpServletResponse response, String type, String text)
      throws IOException {
    response.setContentType(type + ";charset=utf-8");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
