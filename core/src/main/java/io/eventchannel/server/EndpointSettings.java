package io.eventchannel.server;

import io.eventchannel.EventChannelListener;
import io.eventchannel.policy.RateLimit;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a {@link ChannelEndpoint} was built with. Immutable. */
final class EndpointSettings {
  // The longest topic with its name, and room for what else stands in a query.
  private static final long TOPIC_CHARS = 208;
  private static final long OTHER_QUERY_CHARS = 4096;

  final Authorizer authorizer;
  final @Nullable AsyncAuthorizer asyncAuthorizer; // takes the place of the other
  final long authorizerTimeoutNanos;
  final int maxPendingAuthorizations;
  final @Nullable EventChannelListener listener;
  final Executor applicationExecutor;
  final OriginRule origins;
  final HostRule hosts;
  final RateLimit openRate;
  final RateLimit upstreamRate;
  final long heartbeatMillis;
  final long retryMillis;
  final long maxAgeMillis;
  final Duration linger;
  final int maxConnections;
  final int maxConnectionsPerPrincipal;
  final int maxConnectionsPerAddress; // 0 for no limit
  final int maxTopics;
  final int maxQueryChars;
  final int maxUpstreamBytes;
  final int maxDirectBytes;

  EndpointSettings(EndpointDraft from, Executor applicationExecutor) {
    this.authorizer = from.authorizer;
    this.asyncAuthorizer = from.asyncAuthorizer;
    this.authorizerTimeoutNanos = from.authorizerTimeout.toNanos();
    this.maxPendingAuthorizations = from.maxPendingAuthorizations;
    this.listener = from.listener;
    this.applicationExecutor = applicationExecutor;
    this.origins = new OriginRule(from.publicOrigin, from.allowedOrigins);
    this.hosts = new HostRule(from.allowedHosts, from.publicOrigin);
    this.openRate = from.openRate;
    this.upstreamRate = from.upstreamRate;
    this.heartbeatMillis = from.heartbeat.toMillis();
    this.retryMillis = from.retry.toMillis();
    this.maxAgeMillis = from.maxPlainStreamAge.toMillis();
    this.linger = from.linger;
    this.maxConnections = from.maxConnections;
    this.maxConnectionsPerPrincipal = from.maxConnectionsPerPrincipal;
    this.maxConnectionsPerAddress = from.maxConnectionsPerAddress;
    this.maxTopics = from.maxTopics;
    this.maxQueryChars =
        (int) Math.min(Integer.MAX_VALUE, OTHER_QUERY_CHARS + maxTopics * TOPIC_CHARS);
    this.maxUpstreamBytes = from.maxUpstreamBytes;
    this.maxDirectBytes = from.maxDirectBytes;
  }
}
