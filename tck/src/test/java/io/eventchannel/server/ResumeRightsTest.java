package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.log.InMemoryEventLog;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who comes back may do less than before. */
class ResumeRightsTest {
  private Set<String> allowed = Set.of("a", "b");
  private int asked;
  private final Scene scene =
      new Scene(
          clock -> InMemoryEventLog.builder().maxEventsPerTopic(4).build(),
          feed -> feed.windowEvents(1), // so that what is older comes from the log
          endpoint ->
              endpoint.authorizer(
                  handshake -> {
                    asked++;
                    return Authorization.allow().topics(allowed.toArray(new String[0]));
                  }));

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void S08_aTopicThatWasTakenAwayMeanwhileDeliversNothingMore(Handshake.Kind kind) {
    FakeOutlet before = scene.connect(kind);
    String last = scene.publish("a", "1");
    scene.run();
    allowed = Set.of("b");
    before.listener.closed(
        io.eventchannel.CloseReason.of(io.eventchannel.CloseReason.Kind.NETWORK, "gone"));
    scene.run();
    scene.publish("a", "2");
    scene.publish("b", "3");
    scene.publish("a", "4");

    String[] position = {"lastEventId=" + last};
    for (String[] topics : new String[][] {{"topic=a"}, {"topic=b", "topic=a"}}) {
      String[] options = Arrays.copyOf(position, topics.length + 1);
      System.arraycopy(topics, 0, options, 1, topics.length);
      Answer refusal = scene.endpoint.admit(Scene.handshake(kind, options)).refusal();
      assertEquals(403, refusal.status());
    }
    FakeOutlet after = scene.connect(kind, position);
    FakeOutlet named = scene.connect(kind, "topic=b", position[0]);
    scene.publish("a", "5");
    scene.publish("b", "6");
    scene.run();
    assertEquals(List.of("3", "6"), SubscriptionTest.data(after));
    assertEquals(List.of("3", "6"), SubscriptionTest.data(named));
    assertEquals(5, asked, "at each connect and resume");
  }

  @ParameterizedTest
  @EnumSource(value = Handshake.Kind.class, names = "POST", mode = EnumSource.Mode.EXCLUDE)
  void S08_S09_whatWasEvictedOfATopicThatWasTakenAwayIsNoGap(Handshake.Kind kind) {
    String last = scene.publish("b", "1");
    for (int i = 0; i < 6; i++) {
      scene.publish("a", "secret");
    }
    allowed = Set.of("b");
    FakeOutlet after = scene.connect(kind, "lastEventId=" + last);
    scene.publish("b", "2");
    scene.pass(Duration.ofSeconds(1));
    assertEquals(List.of("2"), SubscriptionTest.data(after));
    for (Event event : after.events()) {
      assertFalse(event.type().equals("eventchannel.gap"), "of a topic it may not know");
    }
    assertTrue(asked > 0);
  }
}
