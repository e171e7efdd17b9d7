package io.eventchannel.server;

import io.eventchannel.codec.FieldRules;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an {@link Authorizer} or {@link AsyncAuthorizer}. Immutable; the withers return a
 * changed copy.
 */
public final class Authorization {
  private static final Authorization ALLOW = new Authorization(200, "", null, null, null);

  private final int status;
  private final String reason;
  private final @Nullable Set<String> topics;
  private final @Nullable String principal;
  private final @Nullable Instant validUntil;

  private Authorization(
      int status,
      String reason,
      @Nullable Set<String> topics,
      @Nullable String principal,
      @Nullable Instant validUntil) {
    this.status = status;
    this.reason = reason;
    this.topics = topics;
    this.principal = principal;
    this.validUntil = validUntil;
  }

  /** Returns the permission to read every topic and to send. */
  public static Authorization allow() {
    return ALLOW;
  }

  /**
   * Returns a refusal.
   *
   * @param status 401 (the client asks for credentials once more), 403, 404, 429 or 503
   * @param reason one line, shown to the client
   */
  public static Authorization refuse(int status, String reason) {
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status: expected 400 to 599, got " + status);
    }
    return new Authorization(status, reason, null, null, null);
  }

  /**
   * Returns this permission, restricted to these topics. Each is one topic, compared byte for byte:
   * there are no patterns.
   *
   * @throws IllegalArgumentException if one is no topic (protocol rule T-1), so that nothing could
   *     ever be read from it
   */
  public Authorization topics(String... allowed) {
    for (String topic : allowed) {
      if (!FieldRules.isTopic(topic)) {
        throw new IllegalArgumentException(
            "topics: expected [A-Za-z0-9._:/-]{1,200} each, got " + FieldRules.quote(topic));
      }
    }
    return new Authorization(
        status,
        reason,
        Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(allowed))),
        principal,
        validUntil);
  }

  /**
   * Returns this permission, given to that principal: one that the authorizer alone knows, by a
   * token that it has read. It takes the place of the name that the container gives ({@link
   * Handshake#principal}): to it belongs the channel, so its POSTs have to be authorised under the
   * same name, and {@link ChannelEndpoint#reauthorize} finds it by it.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  public Authorization principal(String name) {
    if (Objects.requireNonNull(name, "name").isEmpty()) {
      throw new IllegalArgumentException("principal: expected a name, got an empty one");
    }
    return new Authorization(status, reason, topics, name, validUntil);
  }

  /**
   * Returns this permission, to end at that moment, as a token says it: by the wall clock. The
   * connection is closed then with code 4001 (protocol rule C-5), and its client comes back with
   * fresh credentials, to its channel and its position. How long that is, is reckoned once, when
   * the authorizer answers; clocks that are set later change nothing. A moment that has passed is
   * answered with 401.
   */
  public Authorization validUntil(Instant end) {
    return new Authorization(status, reason, topics, principal, Objects.requireNonNull(end, "end"));
  }

  /** Whether the channel may open. */
  public boolean isAllowed() {
    return status == 200;
  }

  /** The HTTP status of a refusal; 200 when allowed. */
  public int status() {
    return status;
  }

  /** The reason of a refusal; empty when allowed. */
  public String reason() {
    return reason;
  }

  /** The topics allowed, or null for all. */
  public @Nullable Set<String> topics() {
    return topics;
  }

  /** The principal that the authorizer named, or null for that of the container. */
  public @Nullable String principal() {
    return principal;
  }

  /** When the permission ends, or null for never. */
  public @Nullable Instant validUntil() {
    return validUntil;
  }
}
