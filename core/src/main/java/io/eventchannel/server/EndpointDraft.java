package io.eventchannel.server;

import io.eventchannel.EventChannelListener;
import io.eventchannel.policy.RateLimit;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an endpoint while they are chosen: their defaults and their bounds. What they
 * mean is said by {@link ChannelEndpoint.Builder}, which alone changes them. Not thread-safe.
 */
final class EndpointDraft {
  final EventFeed feed;
  Authorizer authorizer = handshake -> Authorization.allow();
  @Nullable AsyncAuthorizer asyncAuthorizer;
  Duration authorizerTimeout = Duration.ofSeconds(10);
  int maxPendingAuthorizations = 1_000;
  @Nullable EventChannelListener listener;
  @Nullable Executor applicationExecutor;
  Set<String> allowedOrigins = Collections.emptySet();
  @Nullable String publicOrigin;
  Set<String> allowedHosts = Collections.emptySet();
  Duration heartbeat = Duration.ofSeconds(15);
  Duration retry = Duration.ofSeconds(2);
  Duration maxPlainStreamAge = Duration.ofMinutes(10);
  Duration linger = Duration.ofSeconds(60);
  int maxConnections = 20_000;
  int maxConnectionsPerPrincipal = 100;
  int maxConnectionsPerAddress;
  RateLimit openRate = RateLimit.of(200, 10);
  RateLimit upstreamRate = RateLimit.of(5_000, 1_000);
  int maxTopics = 64;
  int maxUpstreamBytes = 256 * 1024;
  int maxDirectBytes = 64 * 1024;

  EndpointDraft(EventFeed feed) {
    this.feed = feed;
  }

  static Duration within(String name, Duration value, Duration least, Duration most) {
    Objects.requireNonNull(value, name);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + ": expected " + least + " to " + most + ", got " + value);
    }
    return value;
  }

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected 1 or more, got " + value);
    }
    return value;
  }
}
