package io.eventchannel.server;

import io.eventchannel.EventChannelListener;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a {@link ChannelEndpoint} was built with. Immutable. */
final class EndpointSettings {
  final Authorizer authorizer;
  final @Nullable EventChannelListener listener;
  final Executor applicationExecutor;
  final OriginRule origins;
  final long heartbeatMillis;
  final long retryMillis;
  final long maxAgeMillis;
  final int maxConnections;
  final int maxTopics;
  final int maxUpstreamBytes;
  final int maxDirectBytes;

  EndpointSettings(ChannelEndpoint.Builder from, Executor applicationExecutor) {
    this.authorizer = from.authorizer;
    this.listener = from.listener;
    this.applicationExecutor = applicationExecutor;
    this.origins = new OriginRule(from.publicOrigin, from.allowedOrigins);
    this.heartbeatMillis = from.heartbeat.toMillis();
    this.retryMillis = from.retry.toMillis();
    this.maxAgeMillis = from.maxPlainStreamAge.toMillis();
    this.maxConnections = from.maxConnections;
    this.maxTopics = from.maxTopics;
    this.maxUpstreamBytes = from.maxUpstreamBytes;
    this.maxDirectBytes = from.maxDirectBytes;
  }
}
