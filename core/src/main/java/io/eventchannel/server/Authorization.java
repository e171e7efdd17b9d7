package io.eventchannel.server;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The answer of an {@link Authorizer}. Immutable; the withers return a changed copy. */
public final class Authorization {
  private static final Authorization ALLOW = new Authorization(200, "", null);

  private final int status;
  private final String reason;
  private final @Nullable Set<String> topics;

  private Authorization(int status, String reason, @Nullable Set<String> topics) {
    this.status = status;
    this.reason = reason;
    this.topics = topics;
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
    return new Authorization(status, reason, null);
  }

  /** Returns this permission, restricted to these topics. */
  public Authorization topics(String... allowed) {
    return new Authorization(
        status, reason, Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(allowed))));
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
}
