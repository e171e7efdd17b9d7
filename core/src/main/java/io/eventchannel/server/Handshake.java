package io.eventchannel.server;

import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request that opens a connection or posts to a channel, as an adapter copied it from its
 * container. Immutable.
 */
public final class Handshake {
  /** What the request asks for. */
  public enum Kind {
    /** A GET for an event stream. */
    SSE,
    /** A GET with an upgrade to WebSocket. */
    WEBSOCKET,
    /** A POST of upstream events. */
    POST
  }

  // A position that is too long is answered by a gap, not refused (protocol rule P-3).
  private static final Set<String> POSITIONS =
      Set.of("last-event-id", "lastEventId", "last_event_id");

  private final Kind kind;
  private final Map<String, List<String>> headers;
  private final Map<String, List<String>> query;
  private final @Nullable Principal principal;
  private final String remoteAddress;
  private final String localAddress;
  private final boolean secure;
  private final boolean ambient;

  private Handshake(Builder builder) {
    this.kind = builder.kind;
    this.headers = builder.headers;
    this.query = builder.query;
    this.principal = builder.principal;
    this.remoteAddress = builder.remoteAddress;
    this.localAddress = builder.localAddress;
    this.secure = builder.secure;
    this.ambient = builder.ambient;
  }

  /** Starts a handshake of that kind. */
  public static Builder builder(Kind kind) {
    return new Builder(kind);
  }

  /** What the request asks for. */
  public Kind kind() {
    return kind;
  }

  /** The first value of a header, its name in any case; null if absent. */
  public @Nullable String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? null : values.get(0);
  }

  /** All values of a header, its name in any case; empty if absent. */
  public List<String> headers(String name) {
    List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
    return values == null ? Collections.emptyList() : Collections.unmodifiableList(values);
  }

  /** The first value of a query parameter, decoded; null if absent. */
  public @Nullable String query(String name) {
    List<String> values = queryAll(name);
    return values.isEmpty() ? null : values.get(0);
  }

  /** All values of a query parameter, decoded; empty if absent. */
  public List<String> queryAll(String name) {
    List<String> values = query.get(name);
    return values == null ? Collections.emptyList() : Collections.unmodifiableList(values);
  }

  /**
   * The topics that the request asks for, each once, in the order of its query; empty for all that
   * it may read. An authorizer that is asked about a connection sees topics of the form of protocol
   * rule T-1 only, and they are what is read: what it allows is compared with them byte for byte.
   */
  public Set<String> topics() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(queryAll("topic")));
  }

  /** Who the container says is asking, or null. */
  public @Nullable Principal principal() {
    return principal;
  }

  /** The address of the peer as the container sees it. */
  public String remoteAddress() {
    return remoteAddress;
  }

  /** The address of this server at which the request came in; empty if it is not known. */
  public String localAddress() {
    return localAddress;
  }

  /**
   * Whether the request brings credentials that a browser adds by itself, whoever made it send the
   * request: a cookie, a session of the container, a client certificate.
   */
  public boolean hasAmbientCredentials() {
    return ambient || header("Cookie") != null;
  }

  /** How many characters the headers have, but for a position, which may be of any length. */
  int headerChars() {
    return chars(headers);
  }

  /** How many characters the query has, but for a position, which may be of any length. */
  int queryChars() {
    return chars(query);
  }

  private static int chars(Map<String, List<String>> fields) {
    long chars = 0;
    for (Map.Entry<String, List<String>> field : fields.entrySet()) {
      if (POSITIONS.contains(field.getKey())) {
        continue;
      }
      for (String value : field.getValue()) {
        chars += field.getKey().length() + value.length() + 2; // and what stands between
      }
    }
    return (int) Math.min(Integer.MAX_VALUE, chars);
  }

  /** Whether the request came over TLS. */
  public boolean isSecure() {
    return secure;
  }

  /** Leaves headers and query out: they may hold credentials. */
  @Override
  public String toString() {
    return "Handshake{" + kind + " from " + Quoted.of(remoteAddress) + "}";
  }

  /** Builds a {@link Handshake}. */
  public static final class Builder {
    private final Kind kind;
    private final Map<String, List<String>> headers = new LinkedHashMap<>();
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private @Nullable Principal principal;
    private String remoteAddress = "";
    private String localAddress = "";
    private boolean secure;
    private boolean ambient;

    private Builder(Kind kind) {
      this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * Adds a header, its value decoded as its standard says: {@code Last-Event-ID} is UTF-8 on the
     * wire (WHATWG HTML, section 9.2.4), though containers read it as ISO-8859-1.
     */
    public Builder header(String name, String value) {
      headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), k -> new ArrayList<>()).add(value);
      return this;
    }

    /** Adds a decoded query parameter. */
    public Builder query(String name, String value) {
      query.computeIfAbsent(name, k -> new ArrayList<>()).add(value);
      return this;
    }

    /** Sets who is asking. */
    public Builder principal(@Nullable Principal value) {
      principal = value;
      return this;
    }

    /** Sets the address of the peer. */
    public Builder remoteAddress(String value) {
      remoteAddress = value;
      return this;
    }

    /** Sets the address of this server at which the request came in. */
    public Builder localAddress(String value) {
      localAddress = value;
      return this;
    }

    /**
     * Sets whether the request brings credentials that a browser adds by itself, beside cookies,
     * which are seen in the headers.
     */
    public Builder ambientCredentials(boolean value) {
      ambient = value;
      return this;
    }

    /** Sets whether the request came over TLS. */
    public Builder secure(boolean value) {
      secure = value;
      return this;
    }

    /** Returns the handshake. The builder must not be used afterwards. */
    public Handshake build() {
      return new Handshake(this);
    }
  }
}
