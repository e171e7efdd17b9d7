package io.eventchannel.server;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may connect (RFC 6455, section 10.2; Fetch, CORS protocol): those of the same origin,
 * and those of a list, compared as a whole. Immutable.
 *
 * <p>The same origin means: host and port of {@code Origin} equal those of {@code Host}, or, where
 * a public origin is configured because a proxy rewrites {@code Host}, the whole equals that.
 * Nothing is taken from forwarding headers, which anybody can write.
 */
final class OriginRule {
  /** What the rule says about a request. */
  enum Verdict {
    /** Not a page, or one of this origin. */
    SAME,
    /** A page of another origin that is allowed. */
    ALLOWED,
    REFUSED
  }

  private final @Nullable String publicOrigin;
  private final Set<String> allowed;

  /**
   * Creates a rule.
   *
   * @throws IllegalArgumentException if an origin is not {@code scheme://host} or {@code
   *     scheme://host:port}
   */
  OriginRule(@Nullable String publicOrigin, Set<String> allowed) {
    this.publicOrigin = publicOrigin == null ? null : checked(publicOrigin);
    Set<String> all = new LinkedHashSet<>();
    for (String origin : allowed) {
      all.add(checked(origin));
    }
    this.allowed = Collections.unmodifiableSet(all);
  }

  private static String checked(String origin) {
    String known = canonical(origin);
    if (known == null) {
      throw new IllegalArgumentException(
          "origin: expected http(s)://host or http(s)://host:port, got \"" + origin + "\"");
    }
    return known;
  }

  Verdict judge(Handshake handshake) {
    List<String> origins = handshake.headers("Origin");
    if (origins.isEmpty()) {
      return judgeWithout(handshake);
    }
    String origin = origins.size() == 1 ? canonical(origins.get(0)) : null;
    if (origin == null) { // "null" and whatever else is no origin
      return Verdict.REFUSED;
    }
    if (isSame(origin, handshake)) {
      return Verdict.SAME;
    }
    return allowed.contains(origin) ? Verdict.ALLOWED : Verdict.REFUSED;
  }

  private static Verdict judgeWithout(Handshake handshake) {
    if (isCrossSite(handshake)) {
      return Verdict.REFUSED;
    }
    // Every browser names the origin of an upgrade or a POST. One that comes with credentials that
    // a browser adds by itself, and without an origin, is an attempt to use another's session.
    return handshake.hasAmbientCredentials() && handshake.kind() != Handshake.Kind.SSE
        ? Verdict.REFUSED
        : Verdict.SAME;
  }

  private static boolean isCrossSite(Handshake handshake) {
    String site = handshake.header("Sec-Fetch-Site");
    return site != null && site.trim().equalsIgnoreCase("cross-site");
  }

  /** What is wrong with the request, in a line for its client that names both sides, or null. */
  @Nullable String refusal(Handshake handshake) {
    if (judge(handshake) != Verdict.REFUSED) {
      return null;
    }
    List<String> origins = handshake.headers("Origin");
    if (!origins.isEmpty()) {
      return "Origin: expected "
          + expected(handshake)
          + " or one that allowedOrigins names, got "
          + Quoted.of(String.join(", ", origins));
    }
    return isCrossSite(handshake)
        ? "Origin: expected one beside Sec-Fetch-Site: cross-site, got none"
        : "Origin: expected one beside credentials that a browser adds by itself, got none";
  }

  private String expected(Handshake handshake) {
    if (publicOrigin != null) {
      return publicOrigin;
    }
    String host = Quoted.of(String.join(", ", handshake.headers("Host")));
    return (handshake.isSecure() ? "https://" : "http(s)://") + host;
  }

  private boolean isSame(String origin, Handshake handshake) {
    if (publicOrigin != null) {
      return publicOrigin.equals(origin);
    }
    List<String> hosts = handshake.headers("Host");
    if (hosts.size() != 1) {
      return false;
    }
    // A proxy may end TLS in front of us, so the scheme is the page's, with that scheme's own port.
    String scheme = origin.substring(0, origin.indexOf(':'));
    if (handshake.isSecure() && !scheme.equals("https")) {
      return false; // a page that came in the clear may be anybody's
    }
    return origin.equals(canonical(scheme + "://" + hosts.get(0).trim()));
  }

  /** Returns the origin in lower case without its scheme's own port; null if it is none. */
  static @Nullable String canonical(String text) {
    if (text.chars().anyMatch(c -> c >= 0x80)) {
      return null; // the Kelvin sign is no k, though in lower case it would be one
    }
    String origin = text.trim().toLowerCase(Locale.ROOT);
    String scheme =
        origin.startsWith("https://") ? "https" : origin.startsWith("http://") ? "http" : null;
    if (scheme == null) {
      return null;
    }
    String authority = origin.substring(scheme.length() + 3);
    int colon = authority.startsWith("[") ? authority.indexOf("]:") : authority.lastIndexOf(':');
    String host =
        colon < 0
            ? authority
            : authority.substring(0, authority.startsWith("[") ? colon + 1 : colon);
    String port = colon < 0 ? "" : authority.substring(colon + (authority.startsWith("[") ? 2 : 1));
    if (!isHost(host) || (colon >= 0 && !isPort(port))) {
      return null;
    }
    boolean own = port.equals(scheme.equals("https") ? "443" : "80");
    return scheme + "://" + host + (port.isEmpty() || own ? "" : ":" + port);
  }

  private static boolean isHost(String host) {
    boolean literal = host.length() > 2 && host.startsWith("[") && host.endsWith("]");
    String name = literal ? host.substring(1, host.length() - 1) : host;
    if (name.isEmpty()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
      if (!letter && !(literal ? c == ':' : c == '-' || c == '_')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPort(String port) {
    return port.length() >= 1
        && port.length() <= 5
        && port.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
