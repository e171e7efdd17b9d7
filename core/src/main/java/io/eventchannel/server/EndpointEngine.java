package io.eventchannel.server;

import io.eventchannel.log.Position;
import io.eventchannel.policy.SlowConsumerPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ChannelEndpoint} does: from a request to a place, from a place to a connection of a
 * channel, and from there to the end of all. Thread-safe.
 */
final class EndpointEngine {
  // Enough for some thousand clients; who has more knows better, and calls drain.
  static final Duration CLOSE_WINDOW = Duration.ofSeconds(2);

  // A permission that ends on a quiet connection is noticed in that time.
  private static final long LONGEST_TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long FULL_SPREAD_MILLIS = 2_000;
  private static final String GOING_AWAY = "the server is going away";

  private final FeedEngine feed;
  private final EndpointSettings settings;
  private final Answers answers;
  private final Authorizations authorizations;
  private final Admissions admissions;
  private final Channels channels;
  private final Openings openings;
  private final Posts posts;
  private final Places places;
  private final Random random;
  private final @Nullable DaemonPool ownExecutor;
  private final Drain drain;
  private final Revocations revocations = new Revocations();
  private final RefusedTurns refusedTurns;
  private final Runnable feedClosed;

  EndpointEngine(EndpointDraft draft) {
    this.feed = draft.feed.engine();
    this.random = draft.feed.random();
    this.drain = new Drain(random);
    this.refusedTurns =
        new RefusedTurns(
            feed.scheduler(),
            this::isEnding,
            DaemonPool.forEngine("eventchannel-last-calls", 1).executor());
    DaemonPool own = null;
    Executor executor = draft.applicationExecutor;
    if (executor == null) {
      own = DaemonPool.forApplication();
      executor = own.executor();
    }
    this.ownExecutor = own;
    this.settings = new EndpointSettings(draft, executor);
    this.answers = new Answers(settings);
    this.authorizations =
        new Authorizations(settings, answers, revocations, feed.scheduler(), this::goingAway);
    this.admissions = new Admissions(settings, answers, authorizations);
    long tickNanos = Math.min(LONGEST_TICK_NANOS, Vitals.tickNanos(shortestDeadlineNanos()));
    this.channels = new Channels(feed.scheduler(), random, settings.maxConnections, tickNanos);
    this.places = new Places(settings, channels, feed.scheduler());
    WaitingChannels waiting =
        new WaitingChannels(
            feed.scheduler(),
            channels,
            places,
            settings.linger,
            settings.maxConnections,
            this::isEnding,
            this::endIfDrained);
    this.feedClosed =
        () -> {
          refuseWhoWaits();
          waiting.end();
        };
    this.openings =
        new Openings(feed, settings, answers, channels, random, this::calls, this::begun, waiting);
    this.posts = new Posts(settings, answers, authorizations, channels, feed.scheduler());
    feed.whenClosed(feedClosed);
  }

  private long shortestDeadlineNanos() {
    long heartbeat = TimeUnit.MILLISECONDS.toNanos(settings.heartbeatMillis);
    SlowConsumerPolicy policy = feed.policy();
    Duration lag = policy.lagTimeout();
    long shortest = Math.min(heartbeat, policy.stallTimeout().toNanos());
    return policy.isDisconnect() && lag != null ? Math.min(shortest, lag.toNanos()) : shortest;
  }

  /** The answers to requests that open no connection. */
  Answers answers() {
    return answers;
  }

  /** The way in for upstream events that are posted. */
  Posts posts() {
    return posts;
  }

  /** The longest upstream message or POST body, in bytes. */
  int maxUpstreamBytes() {
    return settings.maxUpstreamBytes;
  }

  /** Decides about a request for a connection; the stage never fails. */
  CompletionStage<Admission> admit(Handshake handshake) {
    // Read before anybody is asked: who is answered late must not cut a connection that came later.
    ServerChannel named = channels.find(handshake.header(Answers.CHANNEL));
    Subscription before = named == null ? null : named.connection();
    return admissions.check(handshake).thenApply(verdict -> admission(handshake, verdict, before));
  }

  /**
   * Waits for what never fails but by a defect; null if the thread is interrupted, and stays so.
   */
  static <T> @Nullable T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error) {
        throw (Error) cause;
      }
      throw cause instanceof RuntimeException
          ? (RuntimeException) cause
          : new IllegalStateException(cause);
    }
  }

  private Admission admission(
      Handshake handshake, Admissions.Verdict verdict, @Nullable Subscription before) {
    Admissions.Request request = verdict.request;
    if (request == null) {
      return new Refusal(Objects.requireNonNull(verdict.refusal));
    }
    if (isEnding()) {
      return new Refusal(goingAway(handshake));
    }
    ServerChannel known = channelOf(handshake, request);
    // Before the place: whoever sees the connection counted may publish, and it gets that.
    Position start = openings.start(request);
    Subscription own = known != null && known.connection() == before ? before : null;
    Places.Full full = places.take(request, own);
    if (full != null) {
      endIfDrained(); // a drain may have counted the place that was taken and given back
      return later(handshake, full);
    }
    feed.expect();
    if (isEnding()) { // asked again with the place in hand: a drain may have counted none before
      abandon(request);
      return new Refusal(goingAway(handshake));
    }
    try {
      OpenAdmission admission = admitted(handshake, request, start, known);
      admission.expireWith(feed.scheduler());
      return admission;
    } catch (Throwable t) { // nobody has the admission, so nobody else gives its place back
      abandon(request);
      throw t;
    }
  }

  /** A refusal for now, whose clients come back neither at once nor all together. */
  private Refusal later(Handshake handshake, Places.Full full) {
    long delay = full.leastMillis + 1 + (long) (random.nextDouble() * FULL_SPREAD_MILLIS);
    return new Refusal(answers.later(handshake, full.status, full.line, delay));
  }

  private OpenAdmission admitted(
      Handshake handshake,
      Admissions.Request request,
      @Nullable Position start,
      @Nullable ServerChannel known) {
    String id = idOf(known);
    return new OpenAdmission(
        openings,
        this::abandon,
        request,
        start,
        id,
        known,
        openings.head(handshake, request, id, known),
        feed.policy().stallTimeout().toMillis(),
        settings.maxUpstreamBytes);
  }

  /** The channel to which a connection is to be attached; null for a new one. */
  private @Nullable ServerChannel channelOf(Handshake handshake, Admissions.Request request) {
    ServerChannel known = request.probe ? null : channels.find(handshake.header(Answers.CHANNEL));
    // Somebody else's is the same as one that is unknown.
    return known != null && known.belongsTo(request.principal) && known.isAttachable()
        ? known
        : null;
  }

  private String idOf(@Nullable ServerChannel known) {
    return known != null ? known.id() : channels.newId();
  }

  /**
   * Answers with the head that a connection would get. The stage never fails. Since nothing is
   * opened, nothing is taken: no place, nothing of a rate, and nobody makes room.
   */
  CompletionStage<Answer> head(Handshake handshake) {
    return admissions.check(handshake).thenApply(verdict -> head(handshake, verdict));
  }

  private Answer head(Handshake handshake, Admissions.Verdict verdict) {
    Admissions.Request request = verdict.request;
    if (request == null) {
      return Objects.requireNonNull(verdict.refusal).withoutBody();
    }
    if (isEnding()) {
      return goingAway(handshake).withoutBody();
    }
    ServerChannel known = channelOf(handshake, request);
    return new Answer(200, openings.head(handshake, request, idOf(known), known), new byte[0]);
  }

  private boolean isEnding() {
    return drain.hasBegun() || feed.isClosed();
  }

  Answer goingAway(Handshake handshake) {
    return answers.later(handshake, 503, GOING_AWAY, returnDelay());
  }

  /** Nobody is served any more, so nobody needs to wait for it. */
  private void refuseWhoWaits() {
    refusedTurns.end();
    authorizations.end();
  }

  /** When the next client that is sent away may come back. */
  private long returnDelay() {
    return drain.delaysOr(CLOSE_WINDOW).nextMillis();
  }

  private ListenerCalls calls() {
    return new ListenerCalls(settings.applicationExecutor, refusedTurns);
  }

  private void begun(ServerChannel channel, Subscription connection, Admissions.Request request) {
    places.opened(connection, request);
    Revocations.Mark asked = request.judgement.takeAskedAt();
    if (asked == null || revocations.isRevokedSince(asked, channel.principal())) {
      channel.revoke(); // since the authorizer was asked: reauthorize() may have missed it
    } else if (isEnding()) { // since it was admitted: drain() may have missed it
      channel.goAway(GOING_AWAY, returnDelay());
    }
  }

  /** An admitted request becomes no connection. */
  private void abandon(Admissions.Request request) {
    places.giveBack(request);
    endIfDrained();
    feed.arrived();
  }

  private void endIfDrained() {
    if (!drain.hasBegun() || places.areTaken() || !drain.end()) {
      return;
    }
    calls().add(drain::tell); // not here: a loop, or a thread of the container
    DaemonPool own = ownExecutor;
    if (own != null) {
      // What it has still runs; what comes later, the rest of a long queue, is made elsewhere.
      own.closeWhenIdle();
    }
  }

  /** Ends the channels of a principal who may do less; returns how many. */
  int revoke(String principal) {
    revocations.add(principal); // first: who registers a channel later looks at it
    int found = 0;
    for (ServerChannel channel : channels.all()) {
      if (channel.belongsTo(principal)) {
        channel.revoke();
        found++;
      }
    }
    return found;
  }

  /** How many connections are open or about to be. */
  int connections() {
    return channels.places();
  }

  /** What is kept of who has how many connections, in entries; 0 without connections. */
  int shares() {
    return places.entries();
  }

  /** Ends all connections, if nobody has yet; completes when the last one has gone. */
  CompletionStage<Void> drain(Duration window) {
    if (drain.begin(window)) {
      for (ServerChannel channel : channels.all()) {
        channel.goAway(GOING_AWAY, returnDelay());
      }
      refuseWhoWaits();
      feed.forget(feedClosed);
      endIfDrained();
    }
    return drain.stage();
  }
}
