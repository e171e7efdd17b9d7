package io.eventchannel.jakarta;

import io.eventchannel.server.Handshake;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Copies what an endpoint needs to know out of a request, which the container will reuse. */
final class Handshakes {
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private Handshakes() {}

  /**
   * Returns the copy.
   *
   * @throws IllegalArgumentException if the query is malformed; the message may be shown to the
   *     peer
   */
  static Handshake of(Handshake.Kind kind, HttpServletRequest request) {
    Handshake.Builder builder =
        Handshake.builder(kind)
            .principal(request.getUserPrincipal())
            .remoteAddress(text(request.getRemoteAddr()))
            .localAddress(text(request.getLocalAddr()))
            .secure(request.isSecure())
            .ambientCredentials(hasSession(request) || hasCertificate(request));
    for (String name : Collections.list(request.getHeaderNames())) {
      for (String value : Collections.list(request.getHeaders(name))) {
        builder.header(name, isLastEventId(name) ? utf8(value) : value);
      }
    }
    String query = request.getQueryString();
    if (query != null) {
      QueryString.parse(query, builder::query);
    }
    return builder.build();
  }

  /** A socket that has a path instead of an address is told as null by some. */
  private static String text(@Nullable String address) {
    return address == null ? "" : address;
  }

  /** Whether it names a session by a cookie or by its TLS session, and not by its URL. */
  private static boolean hasSession(HttpServletRequest request) {
    return request.getRequestedSessionId() != null && !request.isRequestedSessionIdFromURL();
  }

  private static boolean hasCertificate(HttpServletRequest request) {
    return request.isSecure() && request.getAttribute(CERTIFICATES) != null;
  }

  /** Whether a comma-separated header holds that token, in any case (RFC 9110, section 5.6.1). */
  static boolean hasToken(HttpServletRequest request, String header, String token) {
    for (String value : Collections.list(request.getHeaders(header))) {
      for (String part : value.split(",", -1)) {
        if (part.trim().toLowerCase(Locale.ROOT).equals(token)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isLastEventId(String name) {
    return name.equalsIgnoreCase("Last-Event-ID");
  }

  /**
   * The one header that browsers send as UTF-8 (WHATWG HTML, "Server-sent events"). Containers read
   * headers as ISO-8859-1; what is no UTF-8, or was decoded already, stays as it came.
   */
  static String utf8(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xFF) {
        return value;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException notUtf8) {
      return value;
    }
  }
}
