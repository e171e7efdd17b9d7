package io.eventchannel.it;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.Credentials;
import io.eventchannel.client.CredentialsProvider;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.Backoff;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.RetryDecision;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;

/**
 * Clients over OkHttp that differ in what a channel can be made to wait for. What they take from
 * the system is counted for all of them together.
 */
final class CountedClients implements AutoCloseable {
  /** How many calls may wait for a listener before its channel stops reading. */
  static final int INBOUND_CALLS = 8;

  // Long beyond any test, so that nothing is over by itself that should have been given up.
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final int FAST = 25;

  private static final ReconnectPolicy EAGER =
      ReconnectPolicy.standard(
          Backoff.standard()
              .withFloor(Duration.ofMillis(1))
              .withBase(Duration.ofMillis(5))
              .withCap(Duration.ofMillis(20)));
  private static final ReconnectPolicy PATIENT = loss -> RetryDecision.retry(LONG, 1);

  final CountingScheduler timers = new CountingScheduler();
  final CountingSockets sockets = new CountingSockets();
  final StuckNames names = new StuckNames();

  /** What channels of {@link #asking} wait for; those who complete it take it out. */
  final Queue<CompletableFuture<Credentials>> credentials = new ConcurrentLinkedQueue<>();

  private final OkHttpClient okHttp =
      new OkHttpClient.Builder()
          .socketFactory(sockets)
          .dns(names)
          .connectionPool(new ConnectionPool(0, 1, TimeUnit.MILLISECONDS)) // idle ones would count
          .build();
  private final Map<String, ChannelClient> clients = new HashMap<>();

  /** Comes back within milliseconds. */
  ChannelClient eager(String transport) {
    return client("eager", EAGER, timers, CredentialsProvider.none(), transport);
  }

  /** Waits for ten minutes before it comes back. */
  ChannelClient patient(String transport) {
    return client("patient", PATIENT, timers, CredentialsProvider.none(), transport);
  }

  /** Asks for credentials and gets them later. */
  ChannelClient asking(String transport) {
    return client("asking", EAGER, timers, lastFailure -> ask(), transport);
  }

  /** Goes over to another transport, and has a clock that makes it impatient. */
  ChannelClient fallingOver(String transport) {
    String other = transport.equals(Transport.SSE) ? Transport.WEBSOCKET : Transport.SSE;
    return client(
        "fallingOver", EAGER, timers.faster(FAST), CredentialsProvider.none(), transport, other);
  }

  private ChannelClient client(
      String name,
      ReconnectPolicy policy,
      Scheduler scheduler,
      CredentialsProvider provider,
      String... transports) {
    return clients.computeIfAbsent(
        name + " " + transports[0],
        key ->
            OkHttpChannels.newClient(okHttp)
                .transportPreference(TransportPreference.of(transports))
                .reconnectPolicy(policy)
                .credentials(provider)
                .scheduler(scheduler)
                .connectTimeout(LONG)
                .inboundQueue(INBOUND_CALLS, 1 << 20)
                .build());
  }

  private CompletableFuture<Credentials> ask() {
    CompletableFuture<Credentials> answer = new CompletableFuture<>();
    credentials.add(answer);
    return answer;
  }

  @Override
  public void close() {
    clients.values().forEach(ChannelClient::close);
    timers.close();
  }
}
