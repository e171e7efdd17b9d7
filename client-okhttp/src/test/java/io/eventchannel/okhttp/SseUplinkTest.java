package io.eventchannel.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.CloseReason.Kind;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.Credentials;
import io.eventchannel.client.CredentialsProvider;
import io.eventchannel.tck.RawConnection;
import io.eventchannel.tck.RawRequest;
import io.eventchannel.tck.RecordingListener.ConnectionLost;
import io.eventchannel.tck.VirtualScheduler;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client does about each answer to its POST (protocol rule U-7). */
class SseUplinkTest {
  private static final String OURS = "EventChannel-Version: 1";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private OkHttpHarness harness;
  private EventChannel channel;
  private ChannelClient other; // than the harness has

  private void open(OkHttpHarness with) throws Exception {
    harness = with;
    channel = harness.open();
    acceptStream("c-1", null);
  }

  private void open() throws Exception {
    open(OkHttpHarness.overSse());
  }

  /** Opens the channel over another transport than the harness has. */
  private void openOver(Transport transport) throws Exception {
    harness = OkHttpHarness.overSse();
    other =
        ChannelClient.builder().transport(transport).reconnectPolicy(OkHttpHarness.QUICK).build();
    channel = other.open(harness.url(), harness.listener);
    acceptStream("c-1", null);
  }

  /** A transport that waits by this clock; the engine above it has that of the system. */
  private static Transport waitingBy(VirtualScheduler scheduler) {
    OkHttpThreads threads = new OkHttpThreads();
    return new OkHttpSseTransport(
        new StreamClient(threads.derive(new OkHttpClient())),
        scheduler,
        null,
        response -> {},
        threads::close);
  }

  /** Accepts the next stream; returns what it asked for. */
  private RawRequest acceptStream(String id, String ack) throws Exception {
    RawConnection stream = harness.server.accept();
    RawRequest request =
        ack == null
            ? stream.acceptEventStream(OURS, "EventChannel-Id: " + id)
            : stream.acceptEventStream(OURS, "EventChannel-Id: " + id, "EventChannel-Ack: " + ack);
    stream.write(": alive\n\n");
    harness.listener.takeOpen();
    return request;
  }

  @AfterEach
  void close() throws Exception {
    if (other != null) {
      other.close();
    }
    harness.close();
  }

  private CompletableFuture<Receipt> send(String data) {
    return channel.send(Event.message(data)).toCompletableFuture();
  }

  private static String line(long seq, String data) {
    return "{\"seq\":" + seq + ",\"data\":\"" + data + "\"}\n";
  }

  private static String skip(long seq) {
    return "{\"seq\":" + seq + ",\"event\":\"eventchannel.skip\",\"data\":\"\"}\n";
  }

  private static Receipt receipt(CompletableFuture<Receipt> stage) throws Exception {
    return stage.get(10, TimeUnit.SECONDS);
  }

  private static String failure(CompletableFuture<Receipt> stage) throws Exception {
    Throwable failure = stage.handle((ok, error) -> error).get(10, TimeUnit.SECONDS);
    assertEquals(SendRejectedException.class, failure.getClass());
    return failure.getMessage();
  }

  @Test
  void F37_anAnswerThatWasLostIsAskedForAgainOverTheNextStream() throws Exception {
    open();
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    assertEquals(line(1, "a"), post.readRequest().body());
    post.write("HTTP/1.1 204 No"); // handled, and cut within the answer
    post.reset();
    harness.listener.takeConnectionLost();
    acceptStream("c-1", "1").expectHeader("EventChannel-Id", "c-1");
    assertEquals(Receipt.ONCE, receipt(sent), "the head of the stream has told");
    send("b");
    assertEquals(line(2, "b"), harness.server.accept().readRequest().body());
  }

  @Test
  void F37_whatTheNextStreamDoesNotAcknowledgeIsPostedUnderTheSameNumber() throws Exception {
    open();
    CompletableFuture<Receipt> first = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    CompletableFuture<Receipt> second = send("b");
    post.reset();
    harness.listener.takeConnectionLost();
    acceptStream("c-1", "0");
    post = harness.server.accept();
    String body = post.readRequest().body();
    assertTrue(body.startsWith(line(1, "a")), body);
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    if (body.equals(line(1, "a"))) {
      assertEquals(line(2, "b"), post.readRequest().body());
      post.respond(204, "", OURS, "EventChannel-Ack: 2");
    } else {
      post.readRequest();
      post.respond(204, "", OURS, "EventChannel-Ack: 2");
    }
    assertEquals(Receipt.ONCE, receipt(first));
    assertEquals(Receipt.ONCE, receipt(second));
  }

  @Test
  void F38_aChannelThatIsUnknownThereOpensAnotherStreamAndSendsAgain() throws Exception {
    open();
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    post.respond(404, "", OURS, "Connection: close");
    harness.listener.takeConnectionLost();
    acceptStream("c-2", null).expectHeader("EventChannel-Id", "c-1");
    post = harness.server.accept();
    RawRequest again = post.readRequest();
    assertEquals(line(1, "a"), again.body());
    again.expectHeader("EventChannel-Id", "c-2");
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.AT_LEAST_ONCE, receipt(sent));
    assertEquals("c-2", channel.id());
  }

  @Test
  void aServerThatMissedSomethingGetsItOnceMoreFromThere() throws Exception {
    open();
    RawConnection post = first();
    CompletableFuture<Receipt> second = send("b");
    assertEquals(line(2, "b"), post.readRequest().body());
    post.respond(409, "seq: expected 2", OURS, "EventChannel-Ack: 1");
    assertEquals(line(2, "b"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 2");
    assertEquals(Receipt.ONCE, receipt(second));
  }

  /** Sends and takes one event; returns the connection of the posts. */
  private RawConnection first() throws Exception {
    CompletableFuture<Receipt> first = send("a");
    RawConnection post = harness.server.accept();
    assertEquals(line(1, "a"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    receipt(first);
    return post;
  }

  @Test
  void aServerThatLostCountGetsAnotherChannel() throws Exception {
    open();
    RawConnection post = first();
    CompletableFuture<Receipt> second = send("b");
    post.readRequest();
    post.respond(409, "seq: expected 1", OURS, "EventChannel-Ack: 0", "Connection: close");
    harness.listener.takeConnectionLost();
    acceptStream("c-2", null).expectNoHeader("EventChannel-Id");
    post = harness.server.accept();
    assertEquals(line(1, "b"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.AT_LEAST_ONCE, receipt(second));
  }

  @Test
  void whatIsTooLargeFailsAloneAndASkipKeepsItsNumber() throws Exception {
    open();
    CompletableFuture<Receipt> first = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    CompletableFuture<Receipt> second = send("b");
    CompletableFuture<Receipt> third = send("c");
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    receipt(first);
    assertEquals(line(2, "b") + line(3, "c"), post.readRequest().body());
    post.respond(413, "too large", OURS, "EventChannel-Ack: 1"); // one of the two
    assertEquals(line(2, "b"), post.readRequest().body());
    post.respond(413, "too large", OURS, "EventChannel-Ack: 1");
    assertTrue(failure(second).contains("413"));
    assertFalse(third.isDone());
    assertEquals(skip(2), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 2");
    assertEquals(line(3, "c"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 3");
    assertEquals(Receipt.ONCE, receipt(third));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 405, 415, 500})
  void anotherRefusalOfOursFailsItsEventsAndTheChannelGoesOn(int status) throws Exception {
    open();
    CompletableFuture<Receipt> first = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    post.respond(status, "no", OURS);
    assertTrue(failure(first).contains(String.valueOf(status)));
    CompletableFuture<Receipt> second = send("b");
    assertEquals(skip(1) + line(2, "b"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 2");
    assertEquals(Receipt.ONCE, receipt(second));
  }

  @ParameterizedTest
  @CsvSource({
    "503,EventChannel-Version: 1",
    "429,EventChannel-Version: 1",
    "502,X-From: a proxy",
    "504,X-From: a proxy",
    "500,X-From: a proxy"
  })
  void forNowIsWaitedForAndTheSameIsPostedAgain(int status, String header) throws Exception {
    open();
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    post.respond(status, "later", header, "Retry-After: 0");
    assertEquals(line(1, "a"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.ONCE, receipt(sent));
  }

  @Test
  void aRefusalThatWasDecidedBeforeIsHeardInTheSecondAnswer() throws Exception {
    open();
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    // Decided, but this answer does not say how.
    post.respond(503, "later", OURS, "EventChannel-Ack: 1", "Retry-After: 0");
    post.readRequest();
    post.respond(
        200,
        "{\"event\":\"eventchannel.refused\",\"data\":\"{\\\"seq\\\":1,\\\"reason\\\":\\\"no\\\"}\"}\n",
        OURS,
        "EventChannel-Ack: 1");
    assertEquals("no", failure(sent));
  }

  @Test
  void aServerThatAsksForAPauseOfAYearIsAskedAgainAfterAnHour() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    openOver(waitingBy(scheduler));
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest();
    post.respond(429, "", OURS, "Retry-After: 31536000");
    scheduler.awaitPendingTasks(1, PATIENCE);
    assertEquals(0, scheduler.advance(Duration.ofHours(1).minusNanos(1)));
    assertEquals(1, scheduler.advance(Duration.ofNanos(1)));
    assertEquals(line(1, "a"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.ONCE, receipt(sent));
  }

  @Test
  void aServerThatRefusesWhatItHasDecidedDoesNotGetOnePostAfterTheOther() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    openOver(waitingBy(scheduler));
    CompletableFuture<Receipt> first = send("a");
    RawConnection post = harness.server.accept();
    assertEquals(line(1, "a"), post.readRequest().body());
    post.respond(400, "", OURS, "EventChannel-Ack: 9999");
    scheduler.awaitPendingTasks(1, PATIENCE);
    CompletableFuture<Receipt> second = send("b");
    assertEquals(1, scheduler.pendingTasks(), "what is sent meanwhile waits, too");
    Duration wait = scheduler.nextDelay().orElseThrow();
    scheduler.advance(wait);
    assertEquals(line(1, "a") + line(2, "b"), post.readRequest().body());
    post.respond(400, "", OURS, "EventChannel-Ack: 9999");
    scheduler.awaitPendingTasks(1, PATIENCE);
    assertFalse(first.isDone(), "nobody has said how it was decided");
    assertEquals(0, scheduler.advance(wait), "less and less often");
    scheduler.advance(scheduler.nextDelay().orElseThrow());
    assertEquals(line(1, "a") + line(2, "b"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 2");
    assertEquals(Receipt.ONCE, receipt(first));
    assertEquals(Receipt.ONCE, receipt(second));
  }

  @Test
  void F42_INV_34_aPostThatCouldGetNoThreadIsALostConnectionAndSentAgain() throws Exception {
    ExecutorService pool = Executors.newCachedThreadPool();
    AtomicInteger tasks = new AtomicInteger();
    openOver(
        OkHttpChannels.sse(
            new OkHttpClient(),
            task -> {
              if (tasks.incrementAndGet() == 2) { // the first one reads the stream
                throw new OutOfMemoryError("unable to create native thread");
              }
              pool.execute(task);
            }));
    CompletableFuture<Receipt> sent = send("a");
    ConnectionLost lost = harness.listener.takeConnectionLost();
    assertEquals(Kind.NETWORK, lost.reason().kind());
    assertTrue(lost.reason().text().startsWith("POST: could not be made"), lost.toString());
    acceptStream("c-1", "0");
    RawConnection post = harness.server.accept();
    assertEquals(line(1, "a"), post.readRequest().body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.ONCE, receipt(sent));
    pool.shutdown();
  }

  @Test
  void withoutCredentialsTheChannelAsksForFreshOnesAndSendsAgain() throws Exception {
    List<Integer> asked = new CopyOnWriteArrayList<>();
    CredentialsProvider provider =
        lastFailure -> {
          asked.add(lastFailure == null ? 0 : lastFailure.code());
          return CompletableFuture.completedFuture(
              Credentials.header("Authorization", "token " + asked.size()));
        };
    open(OkHttpHarness.overSse(settings -> settings.credentials(provider)));
    CompletableFuture<Receipt> sent = send("a");
    RawConnection post = harness.server.accept();
    post.readRequest().expectHeader("Authorization", "token 1");
    post.respond(401, "", OURS, "Connection: close");
    harness.listener.takeConnectionLost();
    acceptStream("c-1", "0").expectHeader("Authorization", "token 2");
    post = harness.server.accept();
    RawRequest again = post.readRequest();
    again.expectHeader("Authorization", "token 2");
    assertEquals(line(1, "a"), again.body());
    post.respond(204, "", OURS, "EventChannel-Ack: 1");
    assertEquals(Receipt.ONCE, receipt(sent));
    assertEquals(List.of(0, 401), asked);
  }
}
