package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ChannelServletTest {
  @Test
  void undertowIsKnownByItsContext() {
    assertTrue(UndertowAccess.isUndertow("io.undertow.servlet.spec.ServletContextImpl"));
    assertFalse(UndertowAccess.isUndertow("org.apache.catalina.core.ApplicationContextFacade"));
    assertFalse(UndertowAccess.isUndertow("io.undertowlike.Context"));
  }
}
