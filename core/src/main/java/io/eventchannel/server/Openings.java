package io.eventchannel.server;

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
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How an admitted request becomes a channel: where it begins to read, what its head says, and the
 * parts that serve it from its first words on. Stateless, so thread-safe.
 */
final class Openings {
  private static final String PADDING = " ".repeat(2048);

  private final FeedEngine engine;
  private final EndpointSettings settings;
  private final Answers answers;
  private final Channels channels;
  private final Random random;
  private final Supplier<ListenerCalls> calls;
  private final BiConsumer<ServerChannel, Admissions.Request> begun;
  private final Consumer<ServerChannel> ended;
  private final UpstreamLimits upstreamLimits;

  /**
   * Creates them.
   *
   * @param calls makes the row of calls of a channel
   * @param begun told of each channel, once it is registered
   * @param ended told of each channel, once its listener is about to be told its end
   */
  Openings(
      FeedEngine engine,
      EndpointSettings settings,
      Answers answers,
      Channels channels,
      Random random,
      Supplier<ListenerCalls> calls,
      BiConsumer<ServerChannel, Admissions.Request> begun,
      Consumer<ServerChannel> ended) {
    this.engine = engine;
    this.settings = settings;
    this.answers = answers;
    this.channels = channels;
    this.random = random;
    this.calls = calls;
    this.begun = begun;
    this.ended = ended;
    this.upstreamLimits =
        new UpstreamLimits(settings.maxUpstreamBytes, settings.upstreamRate, engine.scheduler());
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
  Map<String, String> head(Handshake handshake, Admissions.Request request, String id) {
    boolean sse = request.reading.format.isSse();
    Map<String, String> headers = sse ? answers.stream(handshake) : answers.common(handshake);
    headers.put(Answers.CHANNEL, id);
    headers.put("EventChannel-Heartbeat", Long.toString(settings.heartbeatMillis));
    headers.put("EventChannel-Resume", request.resumes ? "resumed" : "new");
    return headers;
  }

  /** The connection of an admission is there. */
  OutletListener open(
      Admissions.Request request, @Nullable Position start, String id, Outlet outlet) {
    WireFormat format = request.reading.format;
    ControlQueue controls =
        new ControlQueue(format, request.reading.oneByOne, settings.maxDirectBytes);
    greet(controls, request, id);
    ServerChannel channel =
        new ServerChannel(
            id,
            ConnectionMetrics.transportOf(format),
            Collections.unmodifiableSet(request.topics),
            request.judgement.principal,
            // A probe is no channel to the application: nothing is told, nothing taken.
            request.probe ? null : settings.listener,
            upstreamLimits,
            calls.get(),
            ended);
    Vitals vitals =
        new Vitals(
            engine.scheduler(),
            TimeUnit.MILLISECONDS.toNanos(settings.heartbeatMillis),
            engine.policy(),
            maxAgeNanos(request),
            request.judgement.expiresAt);
    Subscription subscription =
        new Subscription(
            engine,
            engine.loopFor(outlet),
            outlet,
            channel,
            request.reading.inBatchesOf(outlet.batchBytes()).shared(),
            vitals,
            controls,
            start,
            request.resumes && request.after == null);
    subscription.opened(request.resumes);
    channel.attach(subscription);
    channels.add(channel);
    engine.join(subscription);
    begun.accept(channel, request); // which may end it: before anything of the feed is written
    subscription.start();
    engine.arrived();
    return subscription;
  }

  private void greet(ControlQueue controls, Admissions.Request request, String id) {
    WireFormat format = request.reading.format;
    if (request.padding) {
      controls.offer(SseEncoder.comment(PADDING));
    }
    if (format.isSse()) {
      controls.offer(SseEncoder.retry(settings.retryMillis));
    }
    if (request.hello) {
      controls.offer(
          new EncodedEvent(
                  ControlEvents.hello(id, settings.heartbeatMillis, 0, format.carriesBinary()))
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
