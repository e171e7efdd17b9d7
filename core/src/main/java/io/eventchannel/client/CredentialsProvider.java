package io.eventchannel.client;

import io.eventchannel.CloseReason;
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
   * Returns what authorises the next connection.
   *
   * <p>A stage that fails with an {@link java.io.IOException} is a failed attempt, as if the
   * network had failed; with anything else, with null, or an exception thrown here, it ends the
   * channel.
   *
   * @param lastFailure why the last connection ended, or null before the first. After a status 401
   *     or 407, what was supplied before is worthless: the same again ends the channel. After close
   *     code 4001 it has run out, or the server wants to see it anew: supply a fresh one. These are
   *     told until something was supplied since, whatever else has failed meanwhile.
   */
  CompletionStage<Credentials> credentials(@Nullable CloseReason lastFailure);

  /** Returns the provider of no credentials. */
  static CredentialsProvider none() {
    return NoCredentials.INSTANCE;
  }

  /** Returns the provider of one header that never changes. */
  static CredentialsProvider header(String name, String value) {
    Credentials credentials = Credentials.header(name, value);
    return lastFailure -> CompletableFuture.completedFuture(credentials);
  }
}
