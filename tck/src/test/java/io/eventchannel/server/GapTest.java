package io.eventchannel.server;

import static io.eventchannel.server.SubscriptionTest.data;
import static io.eventchannel.server.spi.Outlet.WriteResult.DONE;
import static io.eventchannel.server.spi.Outlet.WriteResult.PENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.log.LogEntry;
import io.eventchannel.log.Page;
import io.eventchannel.log.Position;
import io.eventchannel.log.TailSink;
import io.eventchannel.log.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class GapTest {
  private static Scene scene(EventLog log, int windowEvents) {
    return new Scene(log, feed -> feed.windowEvents(windowEvents), endpoint -> {});
  }

  private static EventLog holding(int events) {
    return InMemoryEventLog.builder().maxEventsPerTopic(events).build();
  }

  private static List<String> publish(Scene scene, String topic, int from, int to) {
    List<String> ids = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      ids.add(scene.publish(topic, "" + i));
    }
    return ids;
  }

  private static String gap(String reason, String after, String next) {
    return "eventchannel.gap "
        + next
        + " {\"reason\":\""
        + reason
        + "\",\"after\":\""
        + after
        + "\"}";
  }

  @Test
  void aPositionBeforeTheWindowIsServedFromTheLog() {
    Scene scene = scene(holding(10_000), 4);
    List<String> ids = publish(scene, "a", 1, 1000);
    FakeOutlet stream = scene.sse("Last-Event-ID: " + ids.get(0));
    publish(scene, "a", 1001, 1010);
    scene.run();

    List<String> expected = new ArrayList<>();
    for (int i = 2; i <= 1010; i++) {
      expected.add("" + i);
    }
    assertEquals(expected, data(stream));
  }

  @Test
  void whatTheLogHasEvictedIsAGapAndTheOldestHeldComesNext() {
    Scene scene = scene(holding(3), 2);
    List<String> ids = publish(scene, "a", 1, 10);
    FakeOutlet stream = scene.sse("Last-Event-ID: " + ids.get(1));

    assertEquals(
        List.of(
            "retry 2000",
            gap("evicted", ids.get(1), ids.get(6)),
            "tick " + ids.get(7) + " 8",
            "tick " + ids.get(8) + " 9",
            "tick " + ids.get(9) + " 10"),
        stream.taken());
  }

  @Test
  void aPositionOfAnotherEpochIsAGapFromTheOldestHeld() {
    String foreign = new Scene().publish("a", "x");
    Scene scene = scene(holding(100), 16);
    List<String> ids = publish(scene, "a", 1, 2);
    FakeOutlet stream = scene.sse("Last-Event-ID: " + foreign);

    String zero = ids.get(0).substring(0, ids.get(0).indexOf('-')) + "-0";
    assertEquals(
        List.of(
            "retry 2000",
            gap("epoch", foreign, zero),
            "tick " + ids.get(0) + " 1",
            "tick " + ids.get(1) + " 2"),
        stream.taken());
  }

  @Test
  void F25_aRingThatWrapsDuringReplayIsAGapExactlyFromTheLastSent() {
    Scene scene = scene(holding(8), 4);
    FakeOutlet slow = scene.sse();
    Scene.answering(slow, PENDING);
    List<String> ids = publish(scene, "a", 1, 1);
    scene.run();
    ids.addAll(publish(scene, "a", 2, 100));
    scene.run();
    slow.taken();
    Scene.answering(slow, DONE);
    slow.finish();
    scene.run();

    List<String> said = slow.taken();
    assertEquals(gap("evicted", ids.get(0), ids.get(91)), said.get(0));
    assertEquals(9, said.size());
    assertEquals("tick " + ids.get(92) + " 93", said.get(1));
    assertEquals("tick " + ids.get(99) + " 100", said.get(8));
  }

  @Test
  void F25_aRingThatWrapsBetweenTwoPagesIsAGapExactlyFromTheLastSent() {
    Scene scene = scene(holding(40), 4);
    List<String> ids = publish(scene, "a", 1, 40);
    Admission admission =
        scene.endpoint.admit(
            Scene.handshake(
                Handshake.Kind.WEBSOCKET, "lastEventId=" + ids.get(0))); // one event a write
    FakeOutlet slow = new FakeOutlet(admission.format());
    slow.answer(DONE, DONE, PENDING); // position, 2, 3
    scene.open(admission, slow);
    assertEquals(List.of("2", "3"), data(slow));
    ids.addAll(publish(scene, "a", 41, 140));
    slow.taken();
    slow.finish();
    scene.run();

    List<String> said = slow.taken();
    int at = 0;
    int next = 4;
    while (said.get(at).startsWith("tick")) {
      assertEquals("tick " + ids.get(next - 1) + " " + next, said.get(at++)); // the page in hand
      next++;
    }
    assertEquals(gap("evicted", ids.get(next - 2), ids.get(99)), said.get(at++));
    assertEquals("tick " + ids.get(100) + " 101", said.get(at));
    assertEquals("140", data(slow).get(data(slow).size() - 1));
  }

  @Test
  void F25_aReaderAtTheEdgeOfABusyLogGetsEventsWithEachGap() {
    Busy log = new Busy(holding(20));
    Scene scene = scene(log, 4);
    List<String> ids = publish(scene, "a", 1, 40);
    log.perRead = 100; // so whatever a verdict leads to is gone before it can be read
    log.reads = 5;
    FakeOutlet stream = scene.sse("Last-Event-ID: " + ids.get(0));
    scene.run();

    List<String> said = stream.taken();
    assertTrue(said.get(1).startsWith("eventchannel.gap "), said.get(1));
    boolean afterEvent = true;
    for (String each : said.subList(1, said.size())) {
      boolean isGap = each.startsWith("eventchannel.gap ");
      assertTrue(afterEvent || !isGap, "a gap right behind a gap: " + said);
      afterEvent = !isGap;
    }
    assertEquals("540", data(stream).get(data(stream).size() - 1));
  }

  @Test
  void F25_whatTheWindowHasBehindAGapIsReadThere() {
    String foreign = new Scene().publish("a", "x");
    for (int window : new int[] {2, 16}) {
      EventLog marking =
          new Forwarding(holding(100)) {
            @Override
            public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
              return super.read(after, topics, limit).thenApply(GapTest::marked);
            }
          };
      Scene scene = scene(marking, window);
      publish(scene, "a", 1, 4);
      FakeOutlet stream = scene.sse("Last-Event-ID: " + foreign);
      assertEquals(
          window == 2 ? List.of("page", "page", "page", "page") : List.of("1", "2", "3", "4"),
          data(stream));
    }
  }

  private static Page marked(Page page) {
    Page following = page.following();
    if (following == null) {
      return page;
    }
    List<LogEntry> entries = new ArrayList<>();
    for (LogEntry entry : following.entries()) {
      entries.add(new LogEntry(entry.position(), Event.of("tick", "page").withTopic("a")));
    }
    return Page.gap(page.gap(), page.next(), Page.of(entries, following.next()));
  }

  @Test
  void INV_10_eventsInARowThatCannotTravelAreOneGap() {
    for (int window : new int[] {2, 16}) {
      Scene scene = scene(holding(100), window);
      List<String> ids = publish(scene, "a", 1, 1);
      for (int i = 0; i < 3; i++) {
        scene.feed.publish("a", Event.binary("raw", new byte[3]));
      }
      ids.addAll(publish(scene, "a", 2, 2));
      scene.feed.publish("a", Event.binary("raw", new byte[3]));
      scene.feed.publish("a", Event.binary("raw", new byte[3]));
      FakeOutlet stream = scene.sse("Last-Event-ID: " + ids.get(0));
      String epoch = ids.get(0).substring(0, ids.get(0).indexOf('-'));
      assertEquals(
          List.of(
              "retry 2000",
              gap("binary", ids.get(0), epoch + "-4"),
              "tick " + ids.get(1) + " 2",
              gap("binary", ids.get(1), epoch + "-7")),
          stream.taken().stream().filter(each -> !each.startsWith("eventchannel.pos")).toList());
    }
  }

  @Test
  void F25_aLogThatBringsNoPageWithAGapIsReadBehindIt() {
    EventLog bare =
        new Forwarding(holding(3)) {
          @Override
          public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
            return super.read(after, topics, limit)
                .thenApply(page -> page.gap() == null ? page : Page.gap(page.gap(), page.next()));
          }
        };
    Scene scene = scene(bare, 2);
    List<String> ids = publish(scene, "a", 1, 10);
    FakeOutlet stream = scene.sse("Last-Event-ID: " + ids.get(1));

    assertEquals(
        List.of(
            "retry 2000",
            gap("evicted", ids.get(1), ids.get(6)),
            "tick " + ids.get(7) + " 8",
            "tick " + ids.get(8) + " 9",
            "tick " + ids.get(9) + " 10"),
        stream.taken());
  }

  @Test
  void F26_aLongReplayIsReadAsItIsWritten() {
    int[] readEntries = {0};
    EventLog counting =
        new Forwarding(holding(100_000)) {
          @Override
          public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
            return super.read(after, topics, limit)
                .thenApply(
                    page -> {
                      readEntries[0] += page.entries().size();
                      return page;
                    });
          }
        };
    Scene scene = scene(counting, 4);
    List<String> ids = publish(scene, "a", 1, 50_000);
    FakeOutlet slow = scene.sse("Last-Event-ID: " + ids.get(0));
    assertEquals(49_999, slow.applicationEvents().size());

    readEntries[0] = 0;
    Admission admission =
        scene.endpoint.admit(Scene.handshake(Handshake.Kind.SSE, "lastEventId=" + ids.get(0)));
    FakeOutlet stuck = new FakeOutlet(admission.format());
    stuck.answer(DONE, DONE);
    Scene.answering(stuck, PENDING);
    scene.open(admission, stuck);
    assertTrue(readEntries[0] <= 256, () -> readEntries[0] + " entries in hand of a stuck reader");
  }

  @Test
  void aQuietTopicIsNotAGapHoweverBusyTheOthersAre() {
    Scene scene = scene(holding(8), 4);
    FakeOutlet quiet = scene.sse("topic=quiet", "EventChannel-Version: 1");
    publish(scene, "busy", 1, 100);
    scene.run();
    publish(scene, "busy", 101, 200);
    String id = scene.publish("quiet", "at last");
    scene.run();

    List<String> said = quiet.taken();
    assertEquals("tick " + id + " at last", said.get(said.size() - 1));
    assertEquals(3, said.size());
  }

  @Test
  void aNewEpochUnderLiveSubscriptionsIsToldBeforeTheNextEvent() {
    Switching log = new Switching();
    Scene scene = scene(log, 16);
    FakeOutlet stream = scene.sse();
    String before = scene.publish("a", "1");
    scene.run();
    stream.taken();
    log.replace();
    scene.pass(Duration.ofSeconds(1));
    String after = scene.publish("a", "2");
    scene.run();

    String zero = after.substring(0, after.indexOf('-')) + "-0";
    assertEquals(List.of(gap("epoch", before, zero), "tick " + after + " 2"), stream.taken());
  }

  /** Hands everything on. */
  private static class Forwarding implements EventLog {
    private volatile EventLog log;

    Forwarding(EventLog log) {
      this.log = log;
    }

    void become(EventLog other) {
      EventLog last = log;
      log = other;
      last.close();
    }

    @Override
    public CompletionStage<Position> append(Event event) {
      return log.append(event);
    }

    @Override
    public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
      return log.read(after, topics, limit);
    }

    @Override
    public CompletionStage<Position> head() {
      return log.head();
    }

    @Override
    public AutoCloseable subscribeTail(TailSink sink) {
      return log.subscribeTail(sink);
    }

    @Override
    public void close() {
      log.close();
    }
  }

  /** A log to which others append as soon as one has read it. */
  private static final class Busy extends Forwarding {
    private int perRead;
    private int reads;
    private int appended = 40;

    Busy(EventLog log) {
      super(log);
    }

    @Override
    public CompletionStage<Page> read(Position after, TopicFilter topics, int limit) {
      CompletionStage<Page> answer = super.read(after, topics, limit);
      if (reads > 0) {
        reads--;
        for (int i = 0; i < perRead; i++) {
          append(Event.of("tick", "" + ++appended).withTopic("a"));
        }
      }
      return answer;
    }
  }

  /** A log that can lose everything. */
  private static final class Switching extends Forwarding {
    Switching() {
      super(holding(100));
    }

    void replace() {
      become(holding(100));
    }
  }
}
