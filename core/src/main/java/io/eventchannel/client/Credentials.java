package io.eventchannel.client;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Headers that authorise a connection, and for how long. Immutable. Neither its text nor any
 * message of ours holds the values.
 */
public final class Credentials {
  private static final Credentials NONE = new Credentials(Collections.emptyMap(), null);

  private final Map<String, String> headers;
  private final @Nullable Duration expiresIn;

  private Credentials(Map<String, String> headers, @Nullable Duration expiresIn) {
    this.headers = headers;
    this.expiresIn = expiresIn;
  }

  /** Returns no credentials. */
  public static Credentials none() {
    return NONE;
  }

  /** Returns credentials of one header. */
  public static Credentials header(String name, String value) {
    return of(Collections.singletonMap(name, value));
  }

  /**
   * Returns credentials of these headers, in the order of the map, which is copied.
   *
   * @throws NullPointerException if a name or a value is null
   */
  public static Credentials of(Map<String, String> headers) {
    Map<String, String> copy = new LinkedHashMap<>(headers);
    copy.forEach(
        (name, value) -> {
          Objects.requireNonNull(name, "name");
          Objects.requireNonNull(value, name);
        });
    return new Credentials(Collections.unmodifiableMap(copy), null);
  }

  /**
   * Returns these credentials with a time after which they are worthless, from the moment they were
   * supplied. Shortly before, the channel asks for others and connects anew from its position, so
   * that no server has to cut it off.
   *
   * @throws IllegalArgumentException unless the time is positive
   */
  public Credentials expiringIn(Duration time) {
    if (Objects.requireNonNull(time, "time").isNegative() || time.isZero()) {
      throw new IllegalArgumentException("expiringIn: expected more than zero, got " + time);
    }
    return new Credentials(headers, time);
  }

  /** The headers to send, by name. */
  public Map<String, String> headers() {
    return headers;
  }

  /** How long they hold from the moment they were supplied, or null if nobody knows. */
  public @Nullable Duration expiresIn() {
    return expiresIn;
  }

  /** Names the headers and leaves their values out. */
  @Override
  public String toString() {
    return "Credentials{"
        + headers.keySet()
        + (expiresIn == null ? "" : ", expiring in " + expiresIn)
        + "}";
  }
}
