package io.eventchannel.server;

import static io.eventchannel.server.Scene.up;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.OutboxFullException;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.EnvelopeWriter;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.server.spi.Outlet.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class UplinkTest {
  private final List<String> heard = new ArrayList<>();
  private EventChannel channel;

  private final EventChannelListener listener =
      new EventChannelListener() {
        @Override
        public void onOpen(EventChannel opened) {
          channel = opened;
          heard.add("open");
        }

        @Override
        public void onEvent(EventChannel from, Event event) {
          if (event.type().equals("bomb")) {
            throw new IllegalStateException("the application's secret");
          }
          heard.add(event.data());
        }

        @Override
        public void onClosed(EventChannel closed, CloseReason reason) {
          heard.add("closed " + reason.kind());
        }
      };

  private final Scene scene =
      new Scene(InMemoryEventLog.create(), feed -> {}, endpoint -> endpoint.listener(listener));

  private FakeOutlet socket() {
    FakeOutlet socket = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    socket.taken();
    return socket;
  }

  private static byte[] join(byte[]... parts) {
    StringBuilder all = new StringBuilder();
    for (byte[] part : parts) {
      all.append(new String(part, UTF_8));
    }
    return all.toString().getBytes(UTF_8);
  }

  @Test
  void anEventIsAcknowledgedOnceTheListenerReturned() {
    FakeOutlet socket = socket();
    socket.listener.received(up(1, "chat", "hi"));
    scene.loop.runAll();
    assertEquals(List.of(), socket.taken());
    assertEquals(List.of("open"), heard);

    scene.run();
    assertEquals(List.of("open", "hi"), heard);
    assertEquals(List.of("eventchannel.ack {\"seq\":1}"), socket.taken());
  }

  @Test
  void acknowledgementsAreCumulative() {
    FakeOutlet socket = socket();
    for (int i = 1; i <= 100; i++) {
      socket.listener.received(up(i, "chat", "" + i));
    }
    scene.run();

    assertEquals(101, heard.size());
    assertEquals(List.of("eventchannel.ack {\"seq\":100}"), socket.taken());
  }

  @Test
  void aDuplicateIsAcknowledgedAndNotGivenTwice() {
    FakeOutlet socket = socket();
    socket.listener.received(up(1, "chat", "one"));
    socket.listener.received(up(1, "chat", "one"));
    socket.listener.received(up(2, "chat", "two"));
    scene.run();

    assertEquals(List.of("open", "one", "two"), heard);
    assertEquals(List.of("eventchannel.ack {\"seq\":2}"), socket.taken());
  }

  @Test
  void aHoleEndsTheConnectionAndKeepsWhatCameBefore() {
    FakeOutlet socket = socket();
    socket.listener.received(up(1, "chat", "one"));
    socket.listener.received(up(3, "chat", "three"));
    scene.run();

    assertEquals(List.of("open", "one", "closed PROTOCOL"), heard);
    assertEquals(4400, socket.closeCode);
  }

  @Test
  void anEventThatTheListenerFailsOnIsRefusedBeforeTheAckThatCoversIt() {
    FakeOutlet socket = socket();
    socket.listener.received(join(up(1, "bomb", ""), up(2, "chat", "two")));
    scene.run();

    assertEquals(List.of("open", "two"), heard);
    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":1,\"reason\":\"the application failed\"}",
            "eventchannel.ack {\"seq\":2}"),
        socket.taken());
  }

  @Test
  void reservedTypesAreRefusedAndAliveIsSilent() {
    FakeOutlet socket = socket();
    socket.listener.received(up(1, "eventchannel.gap", "{}"));
    socket.listener.received(up(EnvelopeWriter.NO_SEQ, "eventchannel.alive", ""));
    scene.run();

    List<String> said = socket.taken();
    assertEquals(2, said.size());
    assertTrue(said.get(0).startsWith("eventchannel.refused {\"seq\":1,"));
    assertEquals("eventchannel.ack {\"seq\":1}", said.get(1));
    assertEquals(List.of("open"), heard);
  }

  @Test
  void withoutAListenerEventsAreRefusedWithTheReason() {
    Scene deaf = new Scene();
    FakeOutlet socket = deaf.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    socket.taken();
    socket.listener.received(up(1, "chat", "hi"));
    deaf.run();

    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":1,\"reason\":\"this endpoint takes no events\"}",
            "eventchannel.ack {\"seq\":1}"),
        socket.taken());
  }

  @Test
  void aMalformedMessageEndsThatConnectionAlone() {
    FakeOutlet bad = socket();
    FakeOutlet good = socket();
    bad.listener.received("{\"seq\":1,".getBytes(UTF_8));
    scene.run();

    assertEquals(1007, bad.closeCode);
    assertEquals(0, good.closeCode);
    assertEquals(1, scene.endpoint.connections());
  }

  @Test
  void moreThanWaitsIsRefusedAndTheRestIsTaken() {
    FakeOutlet socket = socket();
    for (int i = 1; i <= 1025; i++) {
      socket.listener.received(up(i, "chat", "" + i));
    }
    scene.run();

    assertEquals(1025, heard.size()); // open, and all but one
    assertEquals(
        List.of(
            "eventchannel.refused {\"seq\":1025,\"reason\":\"too many events wait for the"
                + " application\"}",
            "eventchannel.ack {\"seq\":1025}"),
        socket.taken());
  }

  @Test
  void aMessageOfTheLimitAndOneBehindItFindRoom() {
    FakeOutlet socket = socket();
    int overhead = new String(up(EnvelopeWriter.NO_SEQ, "c", ""), UTF_8).length();
    int limit = 256 * 1024; // what an endpoint takes that was told nothing else
    String data = "x".repeat(limit - overhead);
    socket.listener.received(up(EnvelopeWriter.NO_SEQ, "c", data));
    socket.listener.received(up(EnvelopeWriter.NO_SEQ, "c", data));
    socket.listener.received(up(EnvelopeWriter.NO_SEQ, "c", "refused".repeat(20)));
    scene.run();

    assertEquals(0, socket.closeCode);
    assertEquals(List.of("open", data, data), heard);
  }

  @Test
  void anApplicationExecutorThatRefusesLosesNothing() {
    List<Runnable> accepted = new ArrayList<>();
    boolean[] refusing = {true};
    Scene busy =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint ->
                endpoint
                    .listener(listener)
                    .applicationExecutor(
                        task -> {
                          if (refusing[0]) {
                            throw new java.util.concurrent.RejectedExecutionException("full");
                          }
                          accepted.add(task);
                        }));
    FakeOutlet socket = busy.webSocket();
    socket.listener.received(up(1, "chat", "hi"));
    busy.run();
    refusing[0] = false;
    busy.pass(java.time.Duration.ofMillis(100));
    accepted.forEach(Runnable::run);

    assertEquals(List.of("open", "hi"), heard);
  }

  @Test
  void aPostIsAnsweredWhenTheListenerHasTakenIt() {
    scene.sse();
    String id = channel.id();
    CompletableFuture<Answer> answer =
        scene
            .endpoint
            .post(
                Scene.handshake(
                    Handshake.Kind.POST,
                    "EventChannel-Id: " + id,
                    "Content-Type: application/json"),
                join(up(1, "chat", "a"), up(2, "chat", "b")))
            .toCompletableFuture();
    assertFalse(answer.isDone());
    scene.run();

    assertEquals(204, answer.join().status());
    assertEquals("2", answer.join().headers().get("EventChannel-Ack"));
    assertEquals(List.of("open", "a", "b"), heard);
  }

  @Test
  void aPostWithRefusalsListsThem() {
    scene.sse();
    Answer answer = scene.post(channel.id(), join(up(1, "bomb", ""), up(2, "chat", "b")));

    assertEquals(200, answer.status());
    assertEquals("2", answer.headers().get("EventChannel-Ack"));
    assertEquals(
        "{\"event\":\"eventchannel.refused\",\"data\":"
            + "\"{\\\"seq\\\":1,\\\"reason\\\":\\\"the application failed\\\"}\"}",
        Scene.text(answer));
    assertFalse(Scene.text(answer).contains("secret"));
  }

  @Test
  void refusalsThatOneAnswerDoesNotHoldAreToldByTheNextOnes() {
    scene.sse();
    scene.post(channel.id(), bombs(1, 1_000)); // whose answer is lost
    EnvelopeReader reader = new EnvelopeReader(1 << 20);
    List<Long> told = new ArrayList<>();
    long ack = 0;
    int answers = 0;
    while (ack < 1_000) {
      Answer answer = scene.post(channel.id(), bombs(ack + 1, 1_000));
      byte[] body = answer.body();
      assertEquals(200, answer.status());
      assertTrue(body.length <= 64 * 1024, body.length + " bytes");
      reader.read(body, 0, body.length, (seq, event) -> told.add(seqOf(event)));
      ack = Long.parseLong(answer.headers().get("EventChannel-Ack"));
      assertEquals(told.get(told.size() - 1).longValue(), ack);
      answers++;
    }
    assertTrue(answers > 1, "one answer held them all");
    assertEquals(LongStream.rangeClosed(1, 1_000).boxed().toList(), told);
  }

  private static byte[] bombs(long first, long last) {
    return join(
        LongStream.rangeClosed(first, last)
            .mapToObj(seq -> up(seq, "bomb", ""))
            .toArray(byte[][]::new));
  }

  private static long seqOf(Event refused) {
    return ControlData.of(refused).number("seq", -1);
  }

  @Test
  void aPostWithAHoleIs409AndSaysFromWhere() {
    scene.sse();
    Answer answer = scene.post(channel.id(), up(2, "chat", "b"));

    assertEquals(409, answer.status());
    assertEquals("0", answer.headers().get("EventChannel-Ack"));
    assertEquals(List.of("open"), heard);
  }

  @Test
  void badPostsGetTheirStatusAndALine() {
    scene.sse();
    String id = channel.id();
    assertEquals(400, scene.post(id, "nonsense".getBytes(UTF_8)).status());
    assertEquals(404, scene.post("nobody", up(1, "chat", "a")).status());
    assertEquals(413, scene.post(id, new byte[256 * 1024 + 1]).status());
    assertEquals(403, scene.post(id, up(1, "chat", "a"), "Origin: https://evil.example").status());
    Answer type =
        scene
            .endpoint
            .post(
                Scene.handshake(
                    Handshake.Kind.POST, "EventChannel-Id: " + id, "Content-Type: text/plain"),
                up(1, "chat", "a"))
            .toCompletableFuture()
            .join();
    assertEquals(415, type.status());
    assertEquals(List.of("open"), heard);
  }

  @Test
  void aChannelOfSomebodyElseIsUnknown() {
    Handshake mine = Handshake.builder(Handshake.Kind.SSE).principal(() -> "anna").build();
    Admission admission = scene.endpoint.admit(mine);
    scene.open(admission, new FakeOutlet(admission.format()));
    Handshake.Builder post =
        Handshake.builder(Handshake.Kind.POST)
            .header("Content-Type", "application/json")
            .header("EventChannel-Id", channel.id());

    Answer others =
        scene
            .endpoint
            .post(post.principal(() -> "bert").build(), up(1, "chat", "a"))
            .toCompletableFuture()
            .join();
    assertEquals(404, others.status());
    assertEquals(scene.post("nobody", up(1, "chat", "a")).headers(), others.headers());
    var own =
        scene
            .endpoint
            .post(post.principal(() -> "anna").build(), up(1, "chat", "a"))
            .toCompletableFuture();
    scene.run();
    assertEquals(204, own.join().status());
  }

  @Test
  void aDirectSendIsDoneWhenTheOutletTookIt() {
    FakeOutlet stream = scene.sse();
    stream.taken();
    var sent = channel.send(Event.of("note", "x")).toCompletableFuture();
    assertFalse(sent.isDone());
    scene.run();

    sent.join();
    assertEquals(List.of("note x"), stream.taken());
  }

  @Test
  void INV_12_directSendsAreBoundedAndControlStillFits() {
    Scene scene =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint -> endpoint.listener(listener).maxDirectBytes(8_000));
    FakeOutlet socket = scene.webSocket("Sec-WebSocket-Protocol: eventchannel.v1.json");
    Scene.answering(socket, WriteResult.PENDING);
    scene.publish("a", "0");
    scene.run();
    Event large = Event.of("note", "x".repeat(3_500));
    var first = channel.send(large).toCompletableFuture();
    var second = channel.send(large).toCompletableFuture();
    var third = channel.send(large).toCompletableFuture();
    socket.listener.received(up(1, "bomb", ""));
    scene.run();
    assertFalse(first.isDone());
    assertEquals(
        OutboxFullException.class,
        assertThrows(CompletionException.class, third::join).getCause().getClass());

    Scene.answering(socket, WriteResult.DONE);
    socket.taken();
    socket.finish();
    scene.run();
    first.join();
    second.join();
    List<String> said = socket.taken();
    assertEquals(4, said.size());
    assertEquals("eventchannel.ack {\"seq\":1}", said.get(3));
  }

  @Test
  void whatWasNotSentBeforeTheEndFails() {
    FakeOutlet socket = socket();
    Scene.answering(socket, WriteResult.PENDING);
    scene.publish("a", "0");
    scene.run();
    var waiting = channel.send(Event.of("note", "x")).toCompletableFuture();
    socket.listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "reset"));
    scene.run();

    assertEquals(
        ChannelClosedException.class,
        assertThrows(CompletionException.class, waiting::join).getCause().getClass());
    var late = channel.send(Event.of("note", "x")).toCompletableFuture();
    assertEquals(
        ChannelClosedException.class,
        assertThrows(CompletionException.class, late::join).getCause().getClass());
    assertEquals(List.of("open", "closed NETWORK"), heard);
  }

  @Test
  void closeSaysGoodbyeAndOnClosedComesOnceAndLast() {
    FakeOutlet stream = scene.sse();
    stream.taken();
    channel.close();
    channel.close();
    assertEquals(ChannelState.CLOSING, channel.state());
    scene.run();

    assertEquals(
        List.of("eventchannel.goodbye {\"code\":1000,\"reason\":\"\",\"delay\":0}", "close 1000"),
        stream.taken());
    assertEquals(List.of("open", "closed LOCAL"), heard);
    assertEquals(ChannelState.CLOSED, channel.state());
    assertEquals(0, scene.endpoint.connections());
  }

  @Test
  void WS_08_anEndThatThePeerNeverConfirmsIsCutOff() {
    FakeOutlet socket = socket();
    socket.confirmsClose = false;
    channel.close();
    scene.run();
    assertEquals(List.of("open"), heard);
    scene.pass(java.time.Duration.ofSeconds(32));

    assertTrue(socket.aborted);
    assertEquals(List.of("open", "closed LOCAL"), heard);
  }

  @Test
  void SSE_S_23_closingTheEndpointEndsStreamsAtAnEventBoundary() {
    FakeOutlet stream = scene.sse();
    FakeOutlet socket = socket();
    stream.taken();
    scene.endpoint.close();
    scene.run();

    List<String> said = stream.taken();
    assertEquals(3, said.size());
    assertTrue(said.get(0).startsWith("retry "));
    assertTrue(said.get(1).startsWith("eventchannel.goodbye {\"code\":1001,"));
    assertTrue(said.get(2).startsWith("close 1001"));
    assertEquals(1001, socket.closeCode);
    assertEquals(0, scene.endpoint.connections());
    Admission late =
        scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "EventChannel-Version: 1"));
    assertEquals(503, late.refusal().status());
  }

  @Test
  void everyChannelIsToldItsEndWhenAllIsClosedAtOnce() throws InterruptedException {
    int channels = 50;
    CountDownLatch open = new CountDownLatch(channels);
    CountDownLatch closed = new CountDownLatch(channels);
    EventChannelListener counting =
        new EventChannelListener() {
          @Override
          public void onOpen(EventChannel channel) {
            open.countDown();
          }

          @Override
          public void onClosed(EventChannel channel, CloseReason reason) {
            closed.countDown();
          }
        };
    EventFeed feed = EventFeed.inMemory();
    ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).listener(counting).build();
    for (int i = 0; i < channels; i++) {
      Admission admission = endpoint.admit(Scene.handshake(Handshake.Kind.SSE));
      FakeOutlet outlet = new FakeOutlet(admission.format());
      outlet.listener = admission.open(outlet);
    }
    endpoint.close();
    feed.close();

    assertTrue(open.await(20, TimeUnit.SECONDS));
    assertTrue(closed.await(20, TimeUnit.SECONDS));
  }

  @Test
  void anExecutorThatWasShutDownFirstKeepsNobodyFromHearingTheEnd() throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    io.eventchannel.tck.ManualExecutor shut = new io.eventchannel.tck.ManualExecutor();
    Scene late =
        new Scene(
            InMemoryEventLog.create(),
            feed -> {},
            endpoint ->
                endpoint
                    .applicationExecutor(shut)
                    .listener(
                        new EventChannelListener() {
                          @Override
                          public void onClosed(EventChannel channel, CloseReason reason) {
                            closed.countDown();
                          }
                        }));
    late.sse();
    shut.runAll();
    shut.refuse();
    late.endpoint.close();
    late.run();

    assertTrue(closed.await(20, TimeUnit.SECONDS));
  }

  @Test
  void nothingIsLeftAfterAllIsClosed() {
    scene.sse();
    socket();
    scene.endpoint.close();
    scene.run();
    scene.feed.close();
    scene.run();
    scene.pass(java.time.Duration.ofSeconds(60));

    assertEquals(0, scene.clock.pendingTasks());
    assertEquals(0, scene.feed.engine().subscriptions());
  }
}
