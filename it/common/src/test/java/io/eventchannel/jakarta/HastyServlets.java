package io.eventchannel.jakarta;

import io.eventchannel.server.ChannelEndpoint;
import jakarta.servlet.Servlet;

/** Servlets whose deadlines a test does not have to wait for. */
public final class HastyServlets {
  private HastyServlets() {}

  /** One that gives a POST so long from its head to its answer. */
  public static Servlet withPostDeadline(ChannelEndpoint endpoint, long millis) {
    return new ChannelServlet(endpoint, millis);
  }
}
