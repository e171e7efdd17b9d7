package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
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
 * lock; whatever fails is told to the link, which the channel may have given up long before.
 */
final class Attempt {
  private final ClientSettings settings;
  private final ChannelRequest channelRequest;
  private final ChannelEngine engine;
  private final Link link;
  private final Transport transport;
  private final @Nullable CloseReason lastFailure;

  Attempt(
      ClientSettings settings,
      ChannelRequest channelRequest,
      ChannelEngine engine,
      Link link,
      String transport,
      @Nullable CloseReason lastFailure) {
    this.settings = settings;
    this.channelRequest = channelRequest;
    this.engine = engine;
    this.link = link;
    this.transport = Objects.requireNonNull(settings.transports.get(transport), transport);
    this.lastFailure = lastFailure;
  }

  void begin() {
    if (settings.credentials == CredentialsProvider.none()) {
      connect(null);
    } else {
      try {
        settings.executor.execute(this::askForCredentials);
      } catch (RejectedExecutionException refused) {
        fail(Kind.APPLICATION, "the executor takes no more tasks", refused);
      }
    }
  }

  private void askForCredentials() {
    try {
      settings
          .credentials
          .credentials(lastFailure)
          .whenComplete(
              (headers, failure) -> {
                if (failure == null) {
                  connect(headers);
                } else {
                  noCredentials(failure);
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

  private void connect(@Nullable Map<String, String> credentials) {
    Connection connection;
    try {
      List<Map.Entry<String, String>> headers = new ArrayList<>(settings.headers);
      headers.addAll(channelRequest.headers());
      if (credentials != null) {
        credentials.forEach((name, value) -> headers.add(Headers.entry(name, value)));
      }
      ConnectRequest request =
          engine.describe(
              link,
              (channelId, position) ->
                  new ConnectRequest(
                          channelRequest.connectUrl(),
                          headers,
                          channelId,
                          position,
                          settings.connectTimeoutNanos,
                          settings.maxEventBytes)
                      .withPost(channelRequest.post()));
      if (request == null) {
        return; // given up meanwhile
      }
      connection = transport.connect(request, link);
    } catch (Throwable broken) { // a bad URL or header, or a transport's mistake
      fail(Kind.APPLICATION, "the attempt could not be made: " + broken.getMessage(), broken);
      return;
    }
    engine.connecting(link, connection);
  }

  private void fail(Kind kind, String text, Throwable cause) {
    link.onClosed(ConnectionEnd.of(CloseReason.of(kind, text, cause)));
  }
}
