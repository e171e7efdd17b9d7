package io.eventchannel.it;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.Backoff;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.server.Authorization;
import io.eventchannel.server.Handshake;
import io.eventchannel.tck.FaultProxy;
import io.eventchannel.tck.History;
import io.eventchannel.tck.HistoryListener;
import io.eventchannel.tck.ProxiedConnection;
import io.eventchannel.tck.RecordingListener;
import io.eventchannel.tck.RecordingListener.Call;
import io.eventchannel.tck.RecordingListener.Closed;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.RecordingListener.Missed;
import io.eventchannel.tck.RecordingListener.Opened;
import io.eventchannel.tck.RecordingListener.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * A feed on a real server, one channel to it on real sockets, and between them a proxy that the
 * test hurts them with. What the channel's listener hears is recorded twice: events for the judge
 * ({@link #settle}), the other calls for the test ({@link #calls}).
 */
final class Scenario implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Of the server. A client takes no shorter one, so that silence is noticed after 2.5 s. */
  static final Duration HEARTBEAT = Duration.ofSeconds(1);

  /** Comes back fast, yet ever more slowly, so that a test sees both. */
  static final ReconnectPolicy QUICK =
      ReconnectPolicy.standard(
          Backoff.standard()
              .withFloor(Duration.ofMillis(1))
              .withBase(Duration.ofMillis(4))
              .withCap(Duration.ofMillis(300))
              .withHintCap(Duration.ofMillis(300)));

  // Of one, two, three and four bytes, and a line end: what a cut or a segment may fall into.
  private static final String SPECIMEN = "a ü € 😀\n";

  final FaultProxy proxy;
  final RecordingListener calls = RecordingListener.counting().reacting(this::hear);
  final List<Handshake> handshakes = new CopyOnWriteArrayList<>();

  private final Map<Long, String> texts = new ConcurrentHashMap<>();
  private final History history = new History(0, this::number);
  private final HistoryListener heard = history.listener("channel");
  private final OkHttpClient okHttp;
  private final ChannelClient client;
  private FeedServer server;
  private int published;
  private volatile Consumer<Call> reaction = call -> {};

  private Scenario(OkHttpClient okHttp, Consumer<ChannelClient.Builder> clientOptions)
      throws IOException {
    this.okHttp = okHttp;
    server = startServer();
    proxy = new FaultProxy(server.port());
    // Always the longest delay that the backoff allows, so that growth can be seen.
    ChannelClient.Builder builder =
        OkHttpChannels.newClient(okHttp).reconnectPolicy(QUICK).random(() -> 0.99);
    clientOptions.accept(builder);
    client = builder.build();
  }

  private FeedServer startServer() {
    return FeedServer.start(
        endpoint ->
            endpoint
                .allowedHosts("feed.test")
                .heartbeat(HEARTBEAT)
                .retry(Duration.ofMillis(1)) // else it would be the least delay
                .listener(new RecordingServer())
                .authorizer(
                    handshake -> {
                      handshakes.add(handshake);
                      return Authorization.allow();
                    }));
  }

  static Scenario over(TransportPreference preference) throws IOException {
    return over(preference, options -> {});
  }

  static Scenario over(TransportPreference preference, Consumer<ChannelClient.Builder> options)
      throws IOException {
    return over(preference, new OkHttpClient(), options);
  }

  static Scenario over(
      TransportPreference preference,
      OkHttpClient okHttp,
      Consumer<ChannelClient.Builder> clientOptions)
      throws IOException {
    return new Scenario(
        okHttp,
        builder -> {
          builder.transportPreference(preference);
          clientOptions.accept(builder);
        });
  }

  /** The text of an event: its number, and what a test may add to it. */
  private static String text(long number, String more) {
    return number + " " + SPECIMEN + more;
  }

  /** Reads an event's number; -1, which nobody published, if its text is not what it was. */
  private long number(Event event) {
    String data = event.data();
    long number = Long.parseLong(data.substring(0, data.indexOf(' ')));
    return data.equals(texts.get(number)) ? number : -1;
  }

  private void hear(Call call) {
    if (call instanceof Opened opened) {
      heard.onOpen(opened.channel());
    } else if (call instanceof Received received) {
      heard.onEvent(received.channel(), received.event());
    } else if (call instanceof Missed missed) {
      heard.onGap(missed.channel(), missed.gap());
    } else if (call instanceof ConnectionLost lost) {
      heard.onConnectionLost(lost.channel(), lost.reason(), lost.retryDelay());
    } else if (call instanceof Closed closed) {
      heard.onClosed(closed.channel(), closed.reason());
    }
    reaction.accept(call);
  }

  /** Runs this inside each later call of the listener. */
  void reacting(Consumer<Call> value) {
    reaction = value;
  }

  /** Begins to connect, through the proxy. */
  EventChannel begin() {
    return begin("http://127.0.0.1");
  }

  /** Begins to connect to the proxy's port by another scheme or name. */
  EventChannel begin(String origin) {
    return client.open(origin + ":" + proxy.port() + FeedServer.PATH, calls);
  }

  /** Connects and waits until the channel knows where it stands: from then on nothing is lost. */
  EventChannel open() throws InterruptedException {
    EventChannel channel = begin();
    calls.takeOpen();
    awaitPosition(channel);
    return channel;
  }

  void awaitPosition(EventChannel channel) {
    FeedServer.await(() -> channel.lastEventId() != null, () -> "no position; " + channel.state());
  }

  /** Publishes events. */
  void publish(int count) {
    for (int i = 0; i < count; i++) {
      publish("");
    }
  }

  /**
   * Publishes an event with a text of its own.
   *
   * @return its ID
   */
  String publish(String more) {
    published++;
    String text = text(published, more);
    texts.put((long) published, text);
    String id = server.publish(text);
    history.published(id, published, "t");
    return id;
  }

  /** Waits until as many events came as were published. */
  void awaitAll() throws InterruptedException {
    heard.awaitReceived(published, PATIENCE);
  }

  /** Waits for all events; none may be missing, doubled, changed or out of order, no gap false. */
  void settle() throws InterruptedException {
    awaitAll();
    history.assertClean();
  }

  /** Takes the next call, which must tell that a connection was lost for a reason of that kind. */
  ConnectionLost takeLoss(CloseReason.Kind kind) throws InterruptedException {
    ConnectionLost lost = calls.takeConnectionLost();
    if (lost.reason().kind() != kind) {
      throw new AssertionError("expected a loss of kind " + kind + ", got " + lost.reason());
    }
    return lost;
  }

  /** Takes calls up to the next so many losses, and returns their delays. */
  List<Duration> takeDelays(int count) throws InterruptedException {
    List<Duration> delays = new ArrayList<>();
    while (delays.size() < count) {
      delays.add(calls.skipTo(ConnectionLost.class).retryDelay());
    }
    return delays;
  }

  /** Takes so many losses in a row, all for a reason of that kind, and returns their delays. */
  List<Duration> takeDelays(int count, CloseReason.Kind kind) throws InterruptedException {
    List<Duration> delays = new ArrayList<>();
    while (delays.size() < count) {
      delays.add(takeLoss(kind).retryDelay());
    }
    return delays;
  }

  /** The position that the latest handshake stated, or null. */
  @Nullable String lastStatedPosition() {
    Handshake last = handshakes.get(handshakes.size() - 1);
    String header = last.header("Last-Event-ID");
    return header != null ? header : last.query("lastEventId");
  }

  /** The one connection through the proxy that is alive, or the youngest of them. */
  ProxiedConnection connection() {
    List<ProxiedConnection> live = proxy.connections();
    return live.get(live.size() - 1);
  }

  /** Puts another server with an empty log in the place of the first one, and cuts nothing. */
  void replaceServer(String lastOfTheOldLog) {
    FeedServer old = server;
    server = startServer();
    proxy.setTarget(server.port());
    history.evictedThrough(lastOfTheOldLog);
    old.close();
  }

  long gaps() {
    return heard.gapCount();
  }

  @Override
  public void close() throws IOException {
    client.close();
    proxy.close();
    server.close();
    okHttp.dispatcher().executorService().shutdown();
    okHttp.connectionPool().evictAll();
  }
}
