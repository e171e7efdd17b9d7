package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.server.Handshake;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HandshakesTest {
  private final Map<String, Object> request = new HashMap<>();
  private final Map<String, Object> attributes = new HashMap<>();

  HandshakesTest() {
    request.put("getRemoteAddr", "10.0.0.1");
    request.put("getLocalAddr", "127.0.0.1");
    request.put("isSecure", false);
    request.put("isRequestedSessionIdFromURL", false);
  }

  private Handshake copy() {
    HttpServletRequest of =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                HttpServletRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> {
                  switch (method.getName()) {
                    case "getHeaderNames":
                      return Collections.enumeration(List.of("Accept"));
                    case "getHeaders":
                      return Collections.enumeration(List.of("*/*"));
                    case "getAttribute":
                      return attributes.get((String) arguments[0]);
                    default:
                      return request.get(method.getName());
                  }
                });
    return Handshakes.of(Handshake.Kind.POST, of);
  }

  @Test
  void bothAddressesAreKnown() {
    assertEquals("10.0.0.1", copy().remoteAddress());
    assertEquals("127.0.0.1", copy().localAddress());
    request.put("getRemoteAddr", null); // of a socket that is a file
    request.put("getLocalAddr", null);
    assertEquals("", copy().remoteAddress());
    assertEquals("", copy().localAddress());
  }

  @Test
  void S15_aSessionThatABrowserNamesByItselfIsAmbient() {
    assertFalse(copy().hasAmbientCredentials());
    request.put("getRequestedSessionId", "1234");
    assertTrue(copy().hasAmbientCredentials());
    request.put("isRequestedSessionIdFromURL", true); // whoever made the URL knew it
    assertFalse(copy().hasAmbientCredentials());
  }

  @Test
  void S15_aClientCertificateIsAmbient() {
    attributes.put("jakarta.servlet.request.X509Certificate", new Object());
    assertFalse(copy().hasAmbientCredentials()); // of what would it be, in the clear
    request.put("isSecure", true);
    assertTrue(copy().hasAmbientCredentials());
    attributes.clear();
    assertFalse(copy().hasAmbientCredentials());
  }
}
