package io.eventchannel.okhttp;

import java.util.Date;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;

/** The header {@code Retry-After}: seconds or a date (RFC 9110, section 10.2.3). */
final class RetryAfter {
  static final long NONE = -1;

  // Longer than any policy waits, and far from overflow.
  private static final long MOST_SECONDS = TimeUnit.DAYS.toSeconds(365);

  private RetryAfter() {}

  /** Returns the milliseconds from now that the header asks for; {@link #NONE} if nothing. */
  static long millis(Headers headers, long currentTimeMillis) {
    String text = headers.get("Retry-After");
    if (text == null) {
      return NONE;
    }
    String trimmed = text.trim();
    if (!trimmed.isEmpty() && trimmed.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long seconds = trimmed.length() > 9 ? MOST_SECONDS : Long.parseLong(trimmed);
      return TimeUnit.SECONDS.toMillis(Math.min(seconds, MOST_SECONDS));
    }
    Date date = headers.getDate("Retry-After");
    return date == null
        ? NONE
        : Math.max(
            0,
            Math.min(
                date.toInstant().toEpochMilli() - currentTimeMillis,
                TimeUnit.SECONDS.toMillis(MOST_SECONDS)));
  }
}
