package io.eventchannel.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/** A feed and an endpoint whose threads and clock are the test's own. */
final class Scene {
  final VirtualScheduler clock = new VirtualScheduler();
  final ManualExecutor loop = new ManualExecutor();
  final ManualExecutor reads = new ManualExecutor();
  final ManualExecutor application = new ManualExecutor();
  final EventFeed feed;
  final ChannelEndpoint endpoint;
  final List<String> ids = new ArrayList<>();

  Scene() {
    this(InMemoryEventLog.create(), feed -> {}, endpoint -> {});
  }

  Scene(
      EventLog log,
      Consumer<EventFeed.Builder> feedOptions,
      Consumer<ChannelEndpoint.Builder> endpointOptions) {
    this(clock -> log, feedOptions, endpointOptions);
  }

  Scene(
      Function<VirtualScheduler, EventLog> log,
      Consumer<EventFeed.Builder> feedOptions,
      Consumer<ChannelEndpoint.Builder> endpointOptions) {
    EventFeed.Builder builder =
        EventFeed.builder()
            .log(log.apply(clock))
            .scheduler(clock)
            .random(new Random(7))
            .executors(loop, reads);
    feedOptions.accept(builder);
    feed = builder.build();
    ChannelEndpoint.Builder over = ChannelEndpoint.builder(feed).applicationExecutor(application);
    endpointOptions.accept(over);
    endpoint = over.build();
  }

  /** Lets everything happen that can happen without time passing. */
  void run() {
    while (loop.runAll() + reads.runAll() + application.runAll() > 0) {
      continue;
    }
  }

  /** Lets time pass, everything happening at its moment. */
  void pass(Duration time) {
    Duration step = Duration.ofMillis(50);
    Duration left = time;
    while (!left.isZero()) {
      Duration now = left.compareTo(step) < 0 ? left : step;
      clock.advance(now);
      run();
      left = left.minus(now);
    }
  }

  String publish(String topic, String data) {
    String id = feed.publish(topic, Event.of("tick", data)).toCompletableFuture().join();
    ids.add(id);
    return id;
  }

  FakeOutlet sse(String... options) {
    return connect(Handshake.Kind.SSE, options);
  }

  FakeOutlet webSocket(String... options) {
    return connect(Handshake.Kind.WEBSOCKET, options);
  }

  /** Connects; an option is {@code name=value} of the query or {@code Name: value} of a header. */
  FakeOutlet connect(Handshake.Kind kind, String... options) {
    Admission admission = endpoint.admit(handshake(kind, options));
    if (admission.refusal() != null) {
      throw new AssertionError("refused: " + admission.refusal().status());
    }
    return open(admission, new FakeOutlet(admission.format()));
  }

  FakeOutlet open(Admission admission, FakeOutlet outlet) {
    outlet.listener = admission.open(outlet);
    run();
    return outlet;
  }

  static Handshake handshake(Handshake.Kind kind, String... options) {
    Handshake.Builder builder = Handshake.builder(kind).header("Host", "example.com");
    for (String option : options) {
      int colon = option.indexOf(": ");
      int equals = option.indexOf('=');
      if (colon > 0 && (equals < 0 || colon < equals)) {
        builder.header(option.substring(0, colon), option.substring(colon + 2));
      } else {
        builder.query(option.substring(0, equals), option.substring(equals + 1));
      }
    }
    return builder.build();
  }

  /** An upstream message of one envelope. */
  static byte[] up(long seq, String type, String data) {
    return EnvelopeWriter.encode(seq, Event.of(type, data));
  }

  Answer post(String channel, byte[] body, String... options) {
    String[] all = new String[options.length + 2];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = "EventChannel-Id: " + channel;
    all[options.length + 1] = "Content-Type: application/x-ndjson";
    var answer = endpoint.post(handshake(Handshake.Kind.POST, all), body).toCompletableFuture();
    run();
    return answer.join();
  }

  static String text(Answer answer) {
    return new String(answer.body(), UTF_8).trim();
  }

  /** Writes answer this from now on. */
  static void answering(FakeOutlet outlet, Outlet.WriteResult result) {
    outlet.otherwise = result;
  }
}
