package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ChannelServletTest {
  @Test
  void undertowIsKnownByItsContext() {
    assertTrue(ChannelServlet.isUndertow("io.undertow.servlet.spec.ServletContextImpl"));
    assertFalse(ChannelServlet.isUndertow("org.apache.catalina.core.ApplicationContextFacade"));
    assertFalse(ChannelServlet.isUndertow("io.undertowlike.Context"));
  }
}
