package io.eventchannel.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many of an endpoint's places each principal has, and each address if that is asked for. What
 * is nobody's share takes no memory, so there are at most as many entries as places. Thread-safe.
 */
final class Shares {
  /** What came of an attempt to take one. */
  enum Taken {
    YES,
    /** The principal has as many as it may. */
    PRINCIPAL_FULL,
    /** The address has as many as it may. */
    ADDRESS_FULL
  }

  private static final int PREFIX_BYTES = 8;

  private final int perPrincipal;
  private final int perAddress; // 0 for no limit

  // Guarded by this.
  private final Map<String, Integer> principals = new HashMap<>();
  private final Map<String, Integer> addresses = new HashMap<>();
  private final Map<Subscription, String> addressOf = new HashMap<>();
  private final Set<Subscription> handedOver = new HashSet<>();

  Shares(int perPrincipal, int perAddress) {
    this.perPrincipal = perPrincipal;
    this.perAddress = perAddress;
  }

  /** Takes a share for a request: both, or none. */
  synchronized Taken take(Admissions.Request request) {
    String principal = request.principal;
    String address = keyOf(request);
    if (principal != null && principals.getOrDefault(principal, 0) >= perPrincipal) {
      return Taken.PRINCIPAL_FULL;
    }
    if (address != null && addresses.getOrDefault(address, 0) >= perAddress) {
      return Taken.ADDRESS_FULL;
    }
    add(principals, principal);
    add(addresses, address);
    return Taken.YES;
  }

  /** Gives back what was taken for a request that becomes no connection. */
  synchronized void giveBack(Admissions.Request request) {
    remove(principals, request.principal);
    remove(addresses, keyOf(request));
  }

  /** The request has become that connection, which keeps the share until {@link #ended}. */
  synchronized void opened(Subscription connection, Admissions.Request request) {
    String address = keyOf(request);
    if (address != null) {
      addressOf.put(connection, address);
    }
  }

  /** A connection of that principal has ended. */
  synchronized void ended(Subscription connection, @Nullable String principal) {
    if (!handedOver.remove(connection)) {
      remove(principals, principal);
    }
    remove(addresses, addressOf.remove(connection));
  }

  /** Whether the connection has given its principal's share to another one. */
  synchronized boolean hasHandedOver(Subscription connection) {
    return handedOver.contains(connection);
  }

  /**
   * Takes its principal's share from a connection that is about to be closed, for another one.
   *
   * @return false if it has no share any more
   */
  synchronized boolean handOver(Subscription connection, String principal) {
    // One that has ended is about to give back its share itself, or has.
    if (connection.hasEnded() || !handedOver.add(connection)) {
      return false;
    }
    remove(principals, principal);
    return true;
  }

  /** How many shares and what belongs to them is kept; 0 once all have ended. */
  synchronized int size() {
    return principals.size() + addresses.size() + addressOf.size() + handedOver.size();
  }

  private @Nullable String keyOf(Admissions.Request request) {
    return perAddress == 0 ? null : clientOf(request.remoteAddress);
  }

  /** What counts as one client: an address, or the network that is given to one client of IPv6. */
  static String clientOf(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress(); // a literal: nobody is asked
      return bytes.length <= PREFIX_BYTES
          ? address
          : Arrays.toString(Arrays.copyOf(bytes, PREFIX_BYTES));
    } catch (UnknownHostException e) { // whatever it is, it is one
      return address;
    }
  }

  private static void add(Map<String, Integer> counts, @Nullable String key) {
    if (key != null) {
      counts.merge(key, 1, Integer::sum);
    }
  }

  private static void remove(Map<String, Integer> counts, @Nullable String key) {
    if (key != null) {
      counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    }
  }
}
