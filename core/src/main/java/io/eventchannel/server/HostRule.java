package io.eventchannel.server;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which names a server answers to that is reached over the loopback interface. A page can have its
 * own name resolve to 127.0.0.1, and is then of the same origin as whatever listens there (DNS
 * rebinding); the one thing it cannot change is that name, which comes as {@code Host}. Immutable.
 */
final class HostRule {
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> allowed;

  /**
   * Creates a rule.
   *
   * @param publicOrigin the origin under which pages see the server, whose name is one of its own
   * @throws IllegalArgumentException if a host is no name or address, or has a port
   */
  HostRule(Set<String> hosts, @Nullable String publicOrigin) {
    Set<String> all = new LinkedHashSet<>(LOOPBACK);
    for (String host : hosts) {
      String known = nameOf(host);
      if (known == null || !known.equalsIgnoreCase(host.trim())) {
        throw new IllegalArgumentException(
            "host: expected a name or an address without a port, got \"" + host + "\"");
      }
      all.add(known);
    }
    if (publicOrigin != null) {
      String known = nameOf(publicOrigin.substring(publicOrigin.indexOf("://") + 3));
      if (known != null) {
        all.add(known);
      }
    }
    this.allowed = Collections.unmodifiableSet(all);
  }

  /** What is wrong with the request, in a line for its client, or null. */
  @Nullable String refusal(Handshake handshake) {
    if (!isLoopback(handshake.localAddress())) {
      return null;
    }
    List<String> hosts = handshake.headers("Host");
    if (hosts.isEmpty()) {
      return null; // no browser's
    }
    String name = hosts.size() == 1 ? nameOf(hosts.get(0)) : null;
    if (name != null && allowed.contains(name)) {
      return null;
    }
    return "Host: expected "
        + String.join(" or ", LOOPBACK)
        + " over loopback, or one that allowedHosts or publicOrigin names, got "
        + Quoted.of(String.join(", ", hosts));
  }

  /** The name in a {@code Host}, in lower case and without its port; null if it is none. */
  private static @Nullable String nameOf(String host) {
    String origin = OriginRule.canonical("http://" + host.trim());
    if (origin == null) {
      return null;
    }
    String authority = origin.substring("http://".length());
    int port = authority.lastIndexOf(':');
    return port > authority.lastIndexOf(']') ? authority.substring(0, port) : authority;
  }

  /** Whether a container's text of an address is one of the loopback interface. */
  static boolean isLoopback(String address) {
    String bare = address.startsWith("[") ? address.substring(1) : address;
    int end = bare.indexOf(']');
    bare = end < 0 ? bare : bare.substring(0, end);
    int zone = bare.indexOf('%');
    bare = zone < 0 ? bare : bare.substring(0, zone);
    return bare.startsWith("127.")
        || bare.startsWith("::ffff:127.")
        || bare.equals("::1")
        || bare.equals("0:0:0:0:0:0:0:1");
  }
}
