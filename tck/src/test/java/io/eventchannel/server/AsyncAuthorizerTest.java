package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An authorizer that answers later, or never. */
class AsyncAuthorizerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final String OURS = "EventChannel-Version: 1";

  /** What the authorizer has not answered yet, in the order in which it was asked. */
  private final List<CompletableFuture<Authorization>> asked = new ArrayList<>();

  private final Scene scene = with(this::later);

  private Scene with(AsyncAuthorizer authorizer) {
    return new Scene(
        InMemoryEventLog.create(),
        feed -> {},
        endpoint ->
            endpoint
                .asyncAuthorizer(authorizer)
                .authorizerTimeout(TIMEOUT)
                .maxPendingAuthorizations(3)
                .listener(new EventChannelListener() {}));
  }

  private CompletionStage<Authorization> later(Handshake handshake) {
    CompletableFuture<Authorization> answer = new CompletableFuture<>();
    asked.add(answer);
    return answer;
  }

  private CompletableFuture<Admission> ask(String... options) {
    return scene
        .endpoint
        .admitAsync(Scene.handshake(Handshake.Kind.SSE, options))
        .toCompletableFuture();
  }

  private static @Nullable Answer refusal(CompletableFuture<Admission> decided) {
    assertTrue(decided.isDone(), "still waits");
    return decided.join().refusal();
  }

  private void answer(int which, Authorization with) {
    asked.get(which).complete(with);
  }

  @Test
  void S08_nothingIsHeldForARequestUntilItIsAllowedAndThenItIsAChannelAsAnyOther() {
    CompletableFuture<Admission> decided = ask("topic=a");
    assertFalse(decided.isDone());
    assertEquals(0, scene.endpoint.connections());
    scene.publish("a", "before it could read");
    answer(0, Authorization.allow().topics("a"));
    assertNull(refusal(decided));
    assertEquals(1, scene.endpoint.connections());
    FakeOutlet stream = scene.open(decided.join(), new FakeOutlet(decided.join().format()));
    scene.publish("a", "1");
    scene.run();
    assertEquals(List.of("1"), SubscriptionTest.data(stream));
  }

  @Test
  void aRefusalThatComesLaterIsTheSameRefusal() {
    CompletableFuture<Admission> refused = ask(OURS);
    CompletableFuture<Admission> otherTopic = ask(OURS, "topic=secret");
    answer(0, Authorization.refuse(401, "no token"));
    answer(1, Authorization.allow().topics("a"));
    assertEquals(401, refusal(refused).status());
    assertEquals("no token", Scene.text(refusal(refused)));
    assertEquals(403, refusal(otherTopic).status());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void whoIsNotAnsweredInTimeIsToldToComeBackAndWhatComesLaterIsIgnored() {
    CompletableFuture<Admission> ours = ask(OURS);
    CompletableFuture<Admission> plain = ask();
    scene.pass(TIMEOUT.minusMillis(1));
    assertFalse(ours.isDone());
    scene.pass(Duration.ofMillis(1));
    assertEquals(503, refusal(ours).status());
    assertEquals("the authorizer takes too long", Scene.text(refusal(ours)));
    assertEquals("2", refusal(ours).headers().get("Retry-After"));
    // An EventSource would give up for good on a 503 (protocol rule H-5).
    assertEquals(200, refusal(plain).status());
    assertTrue(Scene.text(refusal(plain)).contains("\"code\":1013"));

    answer(0, Authorization.allow());
    asked.get(1).completeExceptionally(new IllegalStateException("late"));
    scene.run();
    assertEquals(503, refusal(ours).status());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void noMoreWaitThanMayAndTheirPlacesComeBack() {
    List<CompletableFuture<Admission>> waiting = List.of(ask(OURS), ask(OURS), ask(OURS));
    Answer tooMany = refusal(ask(OURS));
    assertEquals(503, tooMany.status());
    assertEquals("too many requests wait for the authorizer", Scene.text(tooMany));
    assertEquals(3, asked.size(), "nobody was asked in vain");

    answer(0, Authorization.refuse(403, "no"));
    assertEquals(403, refusal(waiting.get(0)).status());
    CompletableFuture<Admission> next = ask(OURS);
    assertFalse(next.isDone());
    assertEquals(503, refusal(ask(OURS)).status());
    scene.pass(TIMEOUT);
    for (int i = 0; i < 3; i++) {
      assertFalse(ask(OURS).isDone());
    }
  }

  @Test
  void S42_anInterruptThatTheCallLeavesBehindGoesNoFurther() {
    Scene interrupting =
        with(
            handshake -> {
              Thread.currentThread().interrupt();
              return CompletableFuture.completedFuture(Authorization.allow());
            });
    assertNull(interrupting.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, OURS)).refusal());
    assertFalse(Thread.interrupted(), "the thread is the container's");
  }

  @Test
  void whoIsInterruptedWhileItIsAskedDoesNotWaitForALaterAnswer() {
    Scene interrupted =
        with(
            handshake -> {
              Thread.currentThread().interrupt(); // as from another thread at this moment
              return new CompletableFuture<>();
            });
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          Admission admission =
              interrupted.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET, OURS));
          assertEquals(503, admission.refusal().status());
          assertTrue(Thread.interrupted());
        });
  }

  @Test
  void S36_aStageThatFailsIs500AndTellsNobodyWhy() {
    List<AsyncAuthorizer> broken =
        List.of(
            handshake -> CompletableFuture.failedFuture(new IllegalStateException("jdbc:secret")),
            handshake ->
                CompletableFuture.supplyAsync(
                    () -> {
                      throw new IllegalStateException("jdbc:secret");
                    },
                    Runnable::run),
            handshake -> CompletableFuture.completedFuture(null),
            handshake -> null,
            handshake -> {
              throw new IllegalStateException("jdbc:secret");
            });
    for (AsyncAuthorizer each : broken) {
      Scene failing = with(each);
      for (int i = 0; i < 5; i++) { // more often than there are places
        Answer answer =
            failing.endpoint.admit(Scene.handshake(Handshake.Kind.WEBSOCKET, OURS)).refusal();
        assertEquals(500, answer.status());
        assertEquals("the authorizer failed", Scene.text(answer));
      }
    }
  }

  @Test
  void S36_aPrincipalWhoseNameCannotBeHadIs500AndNobodyWaitsForIt() {
    Principal broken =
        () -> {
          throw new LinkageError("ldap:secret");
        };
    Handshake handshake =
        Handshake.builder(Handshake.Kind.SSE)
            .header("EventChannel-Version", "1")
            .principal(broken)
            .build();
    int timers = scene.clock.pendingTasks();
    for (int i = 0; i < 5; i++) { // more often than there are places
      CompletableFuture<Admission> decided =
          scene.endpoint.admitAsync(handshake).toCompletableFuture();
      answer(i, Authorization.allow());
      assertEquals(500, refusal(decided).status());
      assertEquals("the authorizer failed", Scene.text(refusal(decided)));
    }
    assertEquals(timers, scene.clock.pendingTasks());
  }

  @Test
  void aPostWaitsAsWellAndItsBodyIsNotReadBefore() {
    CompletableFuture<Admission> decided = ask(OURS);
    answer(0, Authorization.allow().principal("ann"));
    FakeOutlet stream = scene.open(decided.join(), new FakeOutlet(decided.join().format()));
    String channel = decided.join().headers().get("EventChannel-Id");
    Handshake post =
        Scene.handshake(
            Handshake.Kind.POST,
            "EventChannel-Id: " + channel,
            "Content-Type: application/x-ndjson");
    for (Authorization other :
        List.of(
            Authorization.refuse(401, "no"),
            Authorization.allow(),
            Authorization.allow().principal("bob"))) {
      CompletableFuture<PostAdmission> refused =
          scene.endpoint.admitPost(post).toCompletableFuture();
      assertFalse(refused.isDone());
      answer(asked.size() - 1, other);
      assertEquals(other.isAllowed() ? 404 : 401, refused.join().refusal().status());
    }
    CompletableFuture<PostAdmission> allowed = scene.endpoint.admitPost(post).toCompletableFuture();
    answer(asked.size() - 1, Authorization.allow().principal("ann"));
    CompletableFuture<Answer> answer =
        allowed.join().take(Scene.up(1, "say", "x")).toCompletableFuture();
    scene.run();
    assertEquals(204, answer.join().status());
    assertEquals(5, asked.size(), "once for each request");
    assertFalse(stream.aborted);
  }

  @Test
  void whoWaitsWhenTheEndpointOrItsFeedIsClosedWaitsNoLonger() {
    CompletableFuture<Admission> waiting = ask(OURS);
    scene.endpoint.close();
    assertEquals(503, refusal(waiting).status());
    assertEquals("the server is going away", Scene.text(refusal(waiting)));
    assertEquals(503, refusal(ask(OURS)).status());

    Scene other = with(this::later);
    CompletableFuture<Admission> cut =
        other.endpoint.admitAsync(Scene.handshake(Handshake.Kind.SSE, OURS)).toCompletableFuture();
    other.feed.close();
    assertEquals(503, refusal(cut).status());
    asked.forEach(each -> each.complete(Authorization.allow()));
    assertEquals(0, scene.endpoint.connections());
    assertEquals(0, other.endpoint.connections());
  }

  @Test
  void whoDoesNotWantTheAdmissionAnyMoreGivesItBack() {
    CompletableFuture<Admission> decided = ask();
    answer(0, Authorization.allow());
    assertEquals(1, scene.endpoint.connections());
    decided.join().cancel();
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void aThreadThatMustWaitGetsTheAnswerAndOneThatIsInterruptedLeavesNothing() throws Exception {
    AtomicReference<Admission> got = new AtomicReference<>();
    CountDownLatch isAsked = new CountDownLatch(2);
    List<CompletableFuture<Authorization>> answers =
        List.of(new CompletableFuture<>(), new CompletableFuture<>());
    Scene blocking =
        with(
            handshake -> {
              isAsked.countDown();
              return answers.get(handshake.query("as").equals("first") ? 0 : 1);
            });
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    AtomicReference<Admission> gotSecond = new AtomicReference<>();
    Thread first =
        new Thread(
            () ->
                got.set(
                    blocking.endpoint.admit(
                        Scene.handshake(Handshake.Kind.WEBSOCKET, OURS, "as=first"))));
    Thread second =
        new Thread(
            () -> {
              gotSecond.set(
                  blocking.endpoint.admit(
                      Scene.handshake(Handshake.Kind.WEBSOCKET, OURS, "as=second")));
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    first.start();
    second.start();
    isAsked.await();
    second.interrupt();
    second.join();
    assertEquals(503, gotSecond.get().refusal().status());
    assertTrue(interrupted.get());
    answers.get(0).complete(Authorization.allow());
    first.join();
    assertNull(got.get().refusal());
    answers.get(1).complete(Authorization.allow());
    assertEquals(1, blocking.endpoint.connections(), "the second gave its place back");
  }

  @Test
  void INV_17_whoeverIsRevokedWhileTheAuthorizerIsAskedGetsNothing() {
    CompletableFuture<Admission> decided = ask("topic=a");
    assertEquals(0, scene.endpoint.reauthorize("ann"));
    answer(0, Authorization.allow().principal("ann"));
    Admission admission = decided.join();
    FakeOutlet stream = scene.open(admission, new FakeOutlet(admission.format()));
    scene.publish("a", "1");
    scene.run();
    assertEquals(List.of(), stream.applicationEvents());
    assertTrue(stream.taken().toString().contains("4001"));
    stream.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "gone"));
    assertEquals(0, scene.endpoint.connections());
  }
}
