package io.eventchannel.server;

import io.eventchannel.EventChannelListener;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How an admitted request becomes a channel: where it begins to read, what its head says, and the
 * parts that serve it from its first words on. Stateless, so thread-safe.
 */
final class Openings {
  /** Told of each connection, once its channel is registered. */
  interface Begun {
    void accept(ServerChannel channel, Subscription connection, Admissions.Request request);
  }

  private static final String PADDING = " ".repeat(2048);

  private final FeedEngine engine;
  private final EndpointSettings settings;
  private final Answers answers;
  private final Channels channels;
  private final Random random;
  private final Supplier<ListenerCalls> calls;
  private final Begun begun;
  private final ServerChannel.Home home;
  private final UpstreamLimits upstreamLimits;
  private final Vitals.Rules vitalRules;

  /**
   * Creates them.
   *
   * @param calls makes the row of calls of a channel
   * @param begun told of each connection
   * @param home who keeps the channels
   */
  Openings(
      FeedEngine engine,
      EndpointSettings settings,
      Answers answers,
      Channels channels,
      Random random,
      Supplier<ListenerCalls> calls,
      Begun begun,
      ServerChannel.Home home) {
    this.engine = engine;
    this.settings = settings;
    this.answers = answers;
    this.channels = channels;
    this.random = random;
    this.calls = calls;
    this.begun = begun;
    this.home = home;
    this.upstreamLimits =
        new UpstreamLimits(settings.maxUpstreamBytes, settings.upstreamRate, engine.scheduler());
    this.vitalRules =
        new Vitals.Rules(
            engine.scheduler(),
            TimeUnit.MILLISECONDS.toNanos(settings.heartbeatMillis),
            engine.policy());
  }

  /**
   * Where the connection begins to read. A new one begins at the head as it is now, before its
   * client can learn that it is admitted: what is published once the client is open, it gets.
   */
  @Nullable Position start(Admissions.Request request) {
    Run run = engine.window().run();
    return request.resumes || run == null ? request.after : run.head().position;
  }

  /** The headers of the response head or of the 101. */
  Map<String, String> head(
      Handshake handshake, Admissions.Request request, String id, @Nullable ServerChannel known) {
    boolean sse = request.reading.format.isSse();
    Map<String, String> headers = sse ? answers.stream(handshake) : answers.common(handshake);
    headers.put(Answers.CHANNEL, id);
    headers.put("EventChannel-Heartbeat", Long.toString(settings.heartbeatMillis));
    headers.put("EventChannel-Resume", request.resumes ? "resumed" : "new");
    if (known != null) {
      headers.put(Answers.ACK, Long.toString(known.ackForReturn()));
    }
    return headers;
  }

  /**
   * The connection of an admission is there.
   *
   * @param known the channel that it is to be attached to, or null for a new one of that ID
   */
  OutletListener open(
      Admissions.Request request,
      @Nullable Position start,
      String id,
      @Nullable ServerChannel known,
      Outlet outlet) {
    ServerChannel channel = known != null ? known : create(request, id, settings.listener);
    Subscription subscription = subscription(request, start, channel, known != null, outlet);
    Set<String> topics = Collections.unmodifiableSet(request.topics);
    boolean attached = channel.attach(subscription, topics);
    if (!attached) { // it ended since the head was written; the client asks once more
      engine.left(subscription);
      channel = create(request, channels.newId(), null);
      channel.uplink().fail(); // what comes meanwhile is for the channel of the head
      subscription = subscription(request, start, channel, false, outlet);
      channel.attach(subscription, topics);
    }
    subscription.opened(request.resumes);
    if (channel != known) {
      channels.add(channel);
    }
    engine.join(subscription);
    if (!attached) {
      channel.goAway("the channel has ended", 0);
    }
    begun.accept(
        channel, subscription, request); // which may end it: before anything of the feed is written
    subscription.start();
    engine.arrived();
    return subscription;
  }

  private ServerChannel create(
      Admissions.Request request, String id, @Nullable EventChannelListener listener) {
    // A probe is no channel to the application: nothing is told, nothing taken.
    EventChannelListener told = request.probe ? null : listener;
    // Only clients of ours come back to a channel, and without a listener there is nothing to.
    boolean returns = told != null && request.versioned && !settings.linger.isZero();
    return new ServerChannel(
        id, request.principal, told, upstreamLimits, returns, calls.get(), home);
  }

  private Subscription subscription(
      Admissions.Request request,
      @Nullable Position start,
      ServerChannel channel,
      boolean attached,
      Outlet outlet) {
    WireFormat format = request.reading.format;
    ControlQueue controls =
        new ControlQueue(format, request.reading.oneByOne, settings.maxDirectBytes);
    greet(controls, request, channel, attached);
    Vitals vitals =
        new Vitals(
            vitalRules,
            // Those who came together, as after a restart, are not to beat together for ever.
            1 - random.nextDouble(),
            maxAgeNanos(request),
            request.judgement.expiresAt);
    return new Subscription(
        engine,
        engine.loopFor(outlet),
        outlet,
        channel,
        request.reading.inBatchesOf(outlet.batchBytes()).shared(),
        vitals,
        controls,
        start,
        request.resumes && request.after == null);
  }

  private void greet(
      ControlQueue controls, Admissions.Request request, ServerChannel channel, boolean attached) {
    WireFormat format = request.reading.format;
    long ack = attached ? channel.ackForReturn() : 0;
    controls.acknowledgedBefore(ack);
    if (request.padding) {
      controls.offer(SseEncoder.comment(PADDING));
    }
    if (format.isSse()) {
      controls.offer(SseEncoder.retry(settings.retryMillis));
    }
    if (request.hello) {
      controls.offer(
          new EncodedEvent(
                  ControlEvents.hello(
                      channel.id(),
                      settings.heartbeatMillis,
                      ack,
                      attached,
                      format.carriesBinary()))
              .bytes(format));
    }
  }

  /** A plain stream cannot show that its reader lives, so it ends now and then, and resumes. */
  private long maxAgeNanos(Admissions.Request request) {
    if (!request.reading.format.isSse() || request.versioned || settings.maxAgeMillis == 0) {
      return 0;
    }
    double jitter = 0.8 + 0.4 * random.nextDouble();
    return (long) (TimeUnit.MILLISECONDS.toNanos(settings.maxAgeMillis) * jitter);
  }
}
