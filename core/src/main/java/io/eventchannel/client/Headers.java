package io.eventchannel.client;

import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.Map;
import java.util.Objects;

/** Checks headers where the caller gives them, rather than at the first attempt to connect. */
final class Headers {
  private Headers() {}

  /**
   * Returns a header.
   *
   * @throws IllegalArgumentException if the name is no token (RFC 9110, section 5.1) or the value
   *     holds CR, LF or NUL; the message leaves the value out
   */
  static Map.Entry<String, String> entry(String name, String value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    if (name.isEmpty() || !name.chars().allMatch(Headers::isTokenCharacter)) {
      throw new IllegalArgumentException("header name: expected a token, got \"" + name + "\"");
    }
    if (value.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
      throw new IllegalArgumentException(
          "header " + name + ": expected a value without CR, LF and NUL, got one with");
    }
    return new SimpleImmutableEntry<>(name, value);
  }

  private static boolean isTokenCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
