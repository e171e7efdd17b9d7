package io.eventchannel.client;

import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** What all channels of a client share. Immutable. */
final class ClientSettings {
  final Map<String, Transport> transports;
  final TransportPreference preference;
  final ReconnectPolicy reconnectPolicy;
  final HeartbeatPolicy heartbeatPolicy;
  final CredentialsProvider credentials;
  final List<Map.Entry<String, String>> headers;
  final long connectTimeoutNanos;
  final int maxEventBytes;
  final int inboundCount;
  final long inboundBytes;
  final int outboxCount;
  final long outboxBytes;
  final ErrorReporter errors;
  final DoubleSupplier random;
  final Executor executor;
  final Scheduler scheduler;

  // Null for a channel whose sends never wait.
  private final @Nullable OwnCalls ownCalls;

  ClientSettings(SettingsDraft draft, Executor executor, Scheduler scheduler) {
    this.transports = Collections.unmodifiableMap(new LinkedHashMap<>(draft.transports));
    this.preference = draft.effectivePreference();
    this.reconnectPolicy = draft.reconnectPolicy;
    this.heartbeatPolicy = draft.heartbeatPolicy;
    this.credentials = draft.credentials;
    this.headers = Collections.unmodifiableList(new ArrayList<>(draft.headers));
    this.connectTimeoutNanos = draft.connectTimeout.toNanos();
    this.maxEventBytes = draft.maxEventBytes;
    this.inboundCount = draft.inboundCount;
    this.inboundBytes = draft.inboundBytes;
    this.outboxCount = draft.outboxCount;
    this.outboxBytes = draft.outboxBytes;
    this.errors = draft.errors;
    this.random = draft.random;
    this.executor = executor;
    this.scheduler = scheduler;
    this.ownCalls = null;
  }

  private ClientSettings(
      ClientSettings base,
      TransportPreference preference,
      ReconnectPolicy reconnectPolicy,
      @Nullable OwnCalls ownCalls) {
    this.transports = base.transports;
    this.preference = preference;
    this.reconnectPolicy = reconnectPolicy;
    this.heartbeatPolicy = base.heartbeatPolicy;
    this.credentials = base.credentials;
    this.headers = base.headers;
    this.connectTimeoutNanos = base.connectTimeoutNanos;
    this.maxEventBytes = base.maxEventBytes;
    this.inboundCount = base.inboundCount;
    this.inboundBytes = base.inboundBytes;
    this.outboxCount = base.outboxCount;
    this.outboxBytes = base.outboxBytes;
    this.errors = base.errors;
    this.random = base.random;
    this.executor = ownCalls != null ? ownCalls : base.executor;
    this.scheduler = base.scheduler;
    this.ownCalls = ownCalls;
  }

  /**
   * Returns these settings for a channel that a POST opens: SSE alone can carry it, and unless it
   * may be replayed it reaches a server at most once.
   *
   * @throws IllegalStateException if there is no SSE transport
   */
  ClientSettings forPost(boolean replay) {
    if (!transports.containsKey(Transport.SSE)) {
      throw new IllegalStateException(
          "post: expected a client with the transport "
              + Transport.SSE
              + ", got "
              + transports.keySet());
    }
    return new ClientSettings(
        this,
        TransportPreference.sseOnly(),
        replay ? reconnectPolicy : reconnectPolicy.atMostOnce(),
        ownCalls);
  }

  /** Returns these settings for one channel whose sends may wait for room. */
  ClientSettings forBlocking() {
    return new ClientSettings(this, preference, reconnectPolicy, new OwnCalls(executor));
  }

  /** Whether there is somebody to ask for credentials. */
  boolean asksForCredentials() {
    return credentials != CredentialsProvider.none();
  }

  /** Whether a send may wait here: the channel must not need this thread meanwhile. */
  boolean mayBlock() {
    return ownCalls != null && !ownCalls.isInside();
  }

  /** Makes a call of the application's code that cannot be left to the executor. */
  void makeCall(Runnable call) {
    if (ownCalls == null) {
      call.run();
    } else {
      ownCalls.make(call);
    }
  }
}
