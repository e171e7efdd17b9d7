package io.eventchannel.server;

import io.eventchannel.transport.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the authorizer, and makes a judgement of what it says, whatever that is. One that answers
 * later is waited for without a thread: for a bounded time, by a bounded number of requests, and no
 * longer than the endpoint serves anybody. Thread-safe.
 */
final class Authorizations {
  static final String EXPIRED = "credentials: expired";

  private static final Logger LOGGER = System.getLogger(Authorizations.class.getName());

  // Longer than any clock runs, and far from where the difference of two moments changes its sign.
  private static final Duration FOR_EVER = Duration.ofDays(50 * 365);

  private final EndpointSettings settings;
  private final Answers answers;
  private final Revocations revocations;
  private final Scheduler scheduler;
  private final Function<Handshake, Answer> goingAway;

  private final AtomicInteger places = new AtomicInteger();
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean ended; // set before those that wait are looked at

  Authorizations(
      EndpointSettings settings,
      Answers answers,
      Revocations revocations,
      Scheduler scheduler,
      Function<Handshake, Answer> goingAway) {
    this.settings = settings;
    this.answers = answers;
    this.revocations = revocations;
    this.scheduler = scheduler;
    this.goingAway = goingAway;
  }

  /**
   * Asks about a request. The stage never fails; it is complete if the authorizer answers now. An
   * interrupt that the authorizer leaves behind goes no further: the thread is the container's, and
   * what it writes next over an interruptible socket would close it. Where the answer comes later,
   * it stays: whoever waits for that answer may have been interrupted meanwhile.
   */
  CompletionStage<Judgement> ask(Handshake handshake) {
    boolean interrupted = Thread.currentThread().isInterrupted();
    Revocations.Mark now = revocations.now(); // first: whoever is revoked from now on is known
    AsyncAuthorizer later = settings.asyncAuthorizer;
    CompletableFuture<Judgement> judgement =
        later == null
            ? CompletableFuture.completedFuture(askNow(handshake, now))
            : askLater(later, handshake, now);
    if (!interrupted && judgement.isDone()) {
      Thread.interrupted();
    }
    return judgement;
  }

  private Judgement askNow(Handshake handshake, Revocations.Mark now) {
    try {
      return judge(handshake, now, settings.authorizer.authorize(handshake));
    } catch (Throwable e) { // an Error, too, is a matter of the log and not of the client
      return failed(handshake, e);
    }
  }

  private CompletableFuture<Judgement> askLater(
      AsyncAuthorizer authorizer, Handshake handshake, Revocations.Mark now) {
    if (places.incrementAndGet() > settings.maxPendingAuthorizations) {
      places.decrementAndGet();
      return CompletableFuture.completedFuture(
          notNow(handshake, "too many requests wait for the authorizer"));
    }
    Waiting request = new Waiting(handshake, now);
    waiting.add(request);
    try {
      CompletionStage<Authorization> stage = authorizer.authorize(handshake);
      Objects.requireNonNull(stage, "the authorizer's stage").whenComplete(request::answered);
    } catch (Throwable e) {
      request.answered(null, e);
    }
    request.begin();
    if (ended) { // since it was added: end() may have missed it
      request.end();
    }
    return request.judgement;
  }

  /** Refuses all who wait, and from now on all who would have to. */
  void end() {
    ended = true;
    waiting.forEach(Waiting::end);
  }

  private Judgement judge(
      Handshake handshake, Revocations.Mark askedAt, @Nullable Authorization said) {
    if (said == null) {
      return failed(handshake, new NullPointerException("the authorizer returned null"));
    }
    if (!said.isAllowed()) {
      int status = said.status();
      return status == 429 || status == 503
          ? Judgement.refused(answers.later(handshake, status, said.reason(), settings.retryMillis))
          : Judgement.refused(answers.refusal(handshake, status, said.reason()));
    }
    Long expiresAt = null;
    Instant end = said.validUntil();
    if (end != null) {
      // The wall clock is asked once; what it is set to later ends nothing and prolongs nothing.
      Duration left = Duration.between(Instant.ofEpochMilli(scheduler.currentTimeMillis()), end);
      if (left.isZero() || left.isNegative()) {
        return Judgement.refused(answers.refusal(handshake, 401, EXPIRED));
      }
      expiresAt = left.compareTo(FOR_EVER) > 0 ? null : scheduler.nanoTime() + left.toNanos();
    }
    String principal = said.principal();
    if (principal == null) {
      principal = nameOf(handshake.principal());
    }
    return Judgement.allowed(said.topics(), principal, expiresAt, askedAt);
  }

  /** Who asks, by name: a container may make a new object for the same user at each request. */
  private static @Nullable String nameOf(@Nullable Principal principal) {
    return principal == null ? null : principal.getName();
  }

  private Judgement notNow(Handshake handshake, String line) {
    return Judgement.refused(answers.later(handshake, 503, line, settings.retryMillis));
  }

  private Judgement failed(Handshake handshake, Throwable failure) {
    LOGGER.log(Level.ERROR, "The authorizer failed on a " + handshake, failure);
    return Judgement.refused(answers.refusal(handshake, 500, "the authorizer failed"));
  }

  /** A request about which the authorizer has not answered yet. */
  private final class Waiting {
    final CompletableFuture<Judgement> judgement = new CompletableFuture<>();
    private final Handshake handshake;
    private volatile Revocations.@Nullable Mark askedAt; // until it is decided
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile Scheduler.Cancellable timer = () -> {};

    Waiting(Handshake handshake, Revocations.Mark askedAt) {
      this.handshake = handshake;
      this.askedAt = askedAt;
    }

    /** Begins to count the time, unless there is an answer already. */
    void begin() {
      if (decided.get()) {
        return;
      }
      timer = scheduler.schedule(this::tooLate, settings.authorizerTimeoutNanos);
      if (decided.get()) { // meanwhile, by one who did not see the timer
        timer.cancel();
      }
    }

    void answered(@Nullable Authorization said, @Nullable Throwable failure) {
      Revocations.Mark then = askedAt; // first: who decides lets go of it
      if (then == null || !decide()) {
        return;
      }
      Judgement made;
      if (failure != null) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
        made = failed(handshake, cause == null ? failure : cause);
      } else {
        try {
          made = judge(handshake, then, said);
        } catch (Throwable e) { // a principal is the container's or the application's code
          made = failed(handshake, e);
        }
      }
      judgement.complete(made);
    }

    private void tooLate() {
      if (decide()) {
        LOGGER.log(
            Level.WARNING,
            "The authorizer has not answered within {0} ms on a {1}",
            TimeUnit.NANOSECONDS.toMillis(settings.authorizerTimeoutNanos),
            handshake);
        judgement.complete(notNow(handshake, "the authorizer takes too long"));
      }
    }

    void end() {
      if (decide()) {
        judgement.complete(Judgement.refused(goingAway.apply(handshake)));
      }
    }

    /** Whether the caller is the one who decides; it gives up the place. */
    private boolean decide() {
      if (!decided.compareAndSet(false, true)) {
        return false;
      }
      askedAt = null;
      timer.cancel();
      waiting.remove(this);
      places.decrementAndGet();
      return true;
    }
  }
}
