package io.eventchannel.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  // What begins so and has a colon is never looked up as a name; the zone says nothing of clients.
  private static final Pattern IPV6 =
      Pattern.compile("\\[?(\\p{XDigit}*:[\\p{XDigit}:.]*)(?:%[^\\]]*)?]?");

  private final int perPrincipal;
  private final int perAddress; // 0 for no limit

  // Guarded by this.
  private final Map<String, Integer> principals = new HashMap<>();
  private final Map<String, Integer> addresses = new HashMap<>();
  private final Map<Subscription, String> addressOf = new HashMap<>();
  private final Set<Subscription> handedOver = new HashSet<>();
  private final Set<Subscription> takenOver = new HashSet<>(); // are handed over, too

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
    if (isFull(address)) {
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

  /**
   * A connection of that principal has ended.
   *
   * @return whether it had its place among all until now
   */
  synchronized boolean ended(Subscription connection, @Nullable String principal) {
    if (!handedOver.remove(connection)) {
      remove(principals, principal);
    }
    remove(addresses, addressOf.remove(connection));
    return !takenOver.remove(connection);
  }

  private boolean isFull(@Nullable String address) {
    return address != null && addresses.getOrDefault(address, 0) >= perAddress;
  }

  /**
   * Whether a request of the same principal would be let in with what the connection can hand over:
   * its principal's share, unless it has done so, and that of the address if it is the same.
   */
  synchronized boolean canHandOver(Subscription connection, Admissions.Request request) {
    String address = keyOf(request);
    return !handedOver.contains(connection)
        && (!isFull(address) || Objects.equals(address, addressOf.get(connection)));
  }

  /** Whether there is no share of the address for a request, whatever its principal has. */
  synchronized boolean isAddressFull(Admissions.Request request) {
    return isFull(keyOf(request));
  }

  /**
   * Takes its shares from a connection that is about to be closed, for a request of the same
   * principal; that of its address only if both have the same.
   *
   * @return false if it has no share any more
   */
  synchronized boolean handOver(Subscription connection, Admissions.Request request) {
    // One that has ended is about to give back its share itself, or has.
    if (connection.hasEnded() || !handedOver.add(connection)) {
      return false;
    }
    remove(principals, request.principal);
    String address = keyOf(request);
    if (Objects.equals(address, addressOf.get(connection))) {
      remove(addresses, addressOf.remove(connection));
    }
    return true;
  }

  /**
   * Gives a request what a connection has that is about to be cut: its principal's share, its
   * address's, and its place among all. Both have the same principal; of another address it takes a
   * share of its own.
   *
   * @return false if the connection has not all of it any more, or the other address is full
   */
  synchronized boolean takeOver(Subscription connection, Admissions.Request request) {
    String after = keyOf(request);
    String before = addressOf.get(connection);
    boolean same = Objects.equals(after, before);
    if (connection.hasEnded() || handedOver.contains(connection) || (!same && isFull(after))) {
      return false;
    }
    if (!same) {
      remove(addresses, before);
      add(addresses, after);
    }
    addressOf.remove(connection);
    handedOver.add(connection);
    return takenOver.add(connection);
  }

  /** Whether a connection that has given all it had to another one has not ended yet. */
  synchronized boolean anyTakenOver() {
    return !takenOver.isEmpty();
  }

  /** How many shares and what belongs to them is kept; 0 once all have ended. */
  synchronized int size() {
    return principals.size()
        + addresses.size()
        + addressOf.size()
        + handedOver.size()
        + takenOver.size();
  }

  private @Nullable String keyOf(Admissions.Request request) {
    return perAddress == 0 ? null : clientOf(request.remoteAddress);
  }

  /** What counts as one client: an address, or the network that is given to one client of IPv6. */
  static String clientOf(String address) {
    String literal = ipv6Of(address);
    if (literal == null) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(literal).getAddress();
      return bytes.length <= PREFIX_BYTES
          ? address
          : Arrays.toString(Arrays.copyOf(bytes, PREFIX_BYTES));
    } catch (UnknownHostException e) { // whatever it is, it is one
      return address;
    }
  }

  /**
   * The part of an address that is written as those of IPv6 are; null if there is none. All else is
   * kept from the resolver, which would take it for a name and ask others.
   */
  static @Nullable String ipv6Of(String address) {
    Matcher literal = IPV6.matcher(address);
    return literal.matches() ? literal.group(1) : null;
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
