package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect: asks for credentials, then the transport. Runs without the channel's
 * lock; whatever fails is told to its owner, which may have given it up long before.
 */
final class Attempt {
  /** Who wants the connection and hears of it. */
  interface Owner extends ConnectionListener {
    /** The attempt will be made with these. */
    void authorised(Credentials credentials);

    /** Describes the connection to be made with these headers; null if it is no longer wanted. */
    @Nullable ConnectRequest describe(List<Map.Entry<String, String>> headers);

    /** The transport has returned the connection, which may have ended already. */
    void connecting(Connection connection);
  }

  private final ClientSettings settings;
  private final ChannelRequest channelRequest;
  private final Owner owner;
  private final Transport transport;
  private final @Nullable CloseReason lastFailure;

  Attempt(
      ClientSettings settings,
      ChannelRequest channelRequest,
      Owner owner,
      String transport,
      @Nullable CloseReason lastFailure) {
    this.settings = settings;
    this.channelRequest = channelRequest;
    this.owner = owner;
    this.transport = Objects.requireNonNull(settings.transports.get(transport), transport);
    this.lastFailure = lastFailure;
  }

  void begin() {
    if (!settings.asksForCredentials()) {
      connect(Credentials.none());
      return;
    }
    try {
      settings.executor.execute(this::askForCredentials);
    } catch (RejectedExecutionException refused) {
      fail(Kind.APPLICATION, "the executor takes no more tasks", refused);
    } catch (OutOfMemoryError noThread) {
      fail(Kind.NETWORK, "no thread to ask for credentials", noThread);
    }
  }

  private void askForCredentials() {
    try {
      settings
          .credentials
          .credentials(lastFailure)
          .whenComplete(
              (supplied, failure) -> {
                if (failure != null) {
                  noCredentials(failure);
                } else if (supplied == null) {
                  noCredentials(new NullPointerException("expected credentials, got null"));
                } else {
                  owner.authorised(supplied);
                  connect(supplied);
                }
              });
    } catch (Throwable broken) { // the provider is the application's code
      noCredentials(broken);
    }
  }

  private void noCredentials(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Kind kind = cause instanceof IOException ? Kind.NETWORK : Kind.APPLICATION;
    fail(kind, "the credentials provider failed", cause);
  }

  private void connect(Credentials credentials) {
    Connection connection;
    try {
      List<Map.Entry<String, String>> headers = new ArrayList<>(settings.headers);
      headers.addAll(channelRequest.headers());
      credentials.headers().forEach((name, value) -> headers.add(Headers.entry(name, value)));
      ConnectRequest request = owner.describe(headers);
      if (request == null) {
        return; // given up meanwhile
      }
      connection = transport.connect(request, owner);
    } catch (OutOfMemoryError forNow) { // also what a pool says when it can start no thread
      fail(Kind.NETWORK, "the attempt could not be made for now: " + forNow.getMessage(), forNow);
      return;
    } catch (Throwable broken) { // a bad URL or header, or a transport's mistake
      fail(Kind.APPLICATION, "the attempt could not be made: " + broken.getMessage(), broken);
      return;
    }
    owner.connecting(connection);
  }

  private void fail(Kind kind, String text, Throwable cause) {
    owner.onClosed(ConnectionListener.ConnectionEnd.of(CloseReason.of(kind, text, cause)));
  }
}
