package io.eventchannel.client;

import io.eventchannel.CloseReason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The null object of {@link CredentialsProvider}. */
enum NoCredentials implements CredentialsProvider {
  INSTANCE;

  @Override
  public CompletionStage<Credentials> credentials(@Nullable CloseReason lastFailure) {
    return CompletableFuture.completedFuture(Credentials.none());
  }
}
