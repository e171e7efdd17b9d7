package io.eventchannel.client;

import io.eventchannel.CloseReason;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Supplies the headers that authorise a connection. Asked before each attempt, on a thread of the
 * client's executor, never on one that reads a socket; it may answer at once or later. An answer
 * later than the connect timeout counts as a failed attempt.
 */
@FunctionalInterface
public interface CredentialsProvider {
  /**
   * Returns the headers to send, by name.
   *
   * <p>A stage that fails with an {@link java.io.IOException} is a failed attempt, as if the
   * network had failed; with anything else, or an exception thrown here, it ends the channel.
   *
   * @param lastFailure why the last connection ended, or null before the first. After a status 401
   *     or 407 or close code 4001, what was supplied before is worthless: the same again ends the
   *     channel.
   */
  CompletionStage<Map<String, String>> credentials(@Nullable CloseReason lastFailure);

  /** Returns the provider of no credentials. */
  static CredentialsProvider none() {
    return NoCredentials.INSTANCE;
  }

  /** Returns the provider of one header that never changes. */
  static CredentialsProvider header(String name, String value) {
    Map<String, String> headers = Collections.singletonMap(name, value);
    return lastFailure -> CompletableFuture.completedFuture(headers);
  }
}
