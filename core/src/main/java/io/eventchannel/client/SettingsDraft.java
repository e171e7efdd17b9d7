package io.eventchannel.client;

import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.NetworkMonitor;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a client while they are chosen: their defaults and their bounds. What they mean
 * is said by {@link ChannelClient.Builder}, which alone changes them. Not thread-safe.
 */
final class SettingsDraft {
  // Room for four of the longest events, so that one of them alone does not stop the reading; the
  // count bounds what small ones cost beside their payload.
  private static final int INBOUND_COUNT = 4096;
  private static final long INBOUND_BYTES = 4L << 20;
  // WebSocket implementations fail near 16 MiB; what waits for its acknowledgement stays below.
  private static final int OUTBOX_COUNT = 1024;
  private static final long OUTBOX_BYTES = 4L << 20;
  private static final long OUTBOX_MOST_BYTES = 8L << 20;
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

  final Map<String, Transport> transports = new LinkedHashMap<>();
  final List<Map.Entry<String, String>> headers = new ArrayList<>();
  ReconnectPolicy reconnectPolicy = ReconnectPolicy.standard();
  HeartbeatPolicy heartbeatPolicy = HeartbeatPolicy.standard();
  CredentialsProvider credentials = CredentialsProvider.none();
  NetworkMonitor networkMonitor = NetworkMonitor.none();
  ErrorReporter errors = ErrorReporter.logging();
  DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
  Duration connectTimeout = Duration.ofSeconds(10);
  int maxEventBytes = 1 << 20;
  int inboundCount = INBOUND_COUNT;
  long inboundBytes = INBOUND_BYTES;
  int outboxCount = OUTBOX_COUNT;
  long outboxBytes = OUTBOX_BYTES;
  @Nullable TransportPreference preference;
  @Nullable Executor executor;
  @Nullable Scheduler scheduler;

  void addTransport(Transport transport) {
    if (transports.containsKey(transport.name())) {
      throw new IllegalArgumentException(
          "transport: expected another name, got a second " + transport.name());
    }
    transports.put(transport.name(), transport);
  }

  void setMaxEventBytes(int bytes) {
    maxEventBytes = (int) atLeastOne("maxEventBytes", bytes);
  }

  void setInboundQueue(int count, long bytes) {
    inboundCount = (int) atLeastOne("inboundQueue count", count);
    inboundBytes = atLeastOne("inboundQueue bytes", bytes);
  }

  void setOutbox(int count, long bytes) {
    if (bytes > OUTBOX_MOST_BYTES) {
      throw new IllegalArgumentException(
          "outbox bytes: expected at most " + OUTBOX_MOST_BYTES + ", got " + bytes);
    }
    outboxCount = (int) atLeastOne("outbox count", count);
    outboxBytes = atLeastOne("outbox bytes", bytes);
  }

  void setConnectTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "connectTimeout: expected more than 0 and at most 1 day, got " + timeout);
    }
    connectTimeout = timeout;
  }

  /** Throws {@link IllegalStateException} if a client cannot be made of them together. */
  void check() {
    if (transports.isEmpty()) {
      throw new IllegalStateException("transports: expected at least one, got none");
    }
    for (String name : effectivePreference().transports()) {
      if (!transports.containsKey(name)) {
        throw new IllegalStateException(
            "transportPreference: expected names of " + transports.keySet() + ", got " + name);
      }
    }
  }

  TransportPreference effectivePreference() {
    return preference != null
        ? preference
        : TransportPreference.of(transports.keySet().toArray(new String[0]));
  }

  private static long atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value);
    }
    return value;
  }
}
