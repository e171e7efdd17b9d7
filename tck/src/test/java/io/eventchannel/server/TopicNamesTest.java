package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that look like a topic somebody may read, and are another one or none. */
class TopicNamesTest {
  private static final String MINE = "Team/red.1";

  private final List<Set<String>> judged = new ArrayList<>();
  private Set<String> allowed = Set.of(MINE);
  private final Scene scene =
      new Scene(
          InMemoryEventLog.create(),
          feed -> {},
          endpoint ->
              endpoint.authorizer(
                  handshake -> {
                    judged.add(handshake.topics());
                    return Authorization.allow().topics(allowed.toArray(new String[0]));
                  }));

  private Admission ask(String... topics) {
    Handshake.Builder builder = Handshake.builder(Handshake.Kind.SSE);
    for (String topic : topics) {
      builder.query("topic", topic);
    }
    return scene.endpoint.admit(builder.build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "team/red.1", "TEAM/RED.1", "Team//red.1", "/Team/red.1", "Team/red.1/", "Team/./red.1",
        "Team/../Team/red.1", "Team/x/../red.1", "Team:red.1", "Team.red.1", "Team/red", "Team",
        "Team/red.1.", "Team/red.1:", "Team/red-1", "Team/red_1", "Team/redX1", "Team/red.10",
        "Team/red.01", ".", "..", "/", "Team/red.1/red.1"
      })
  void S33_anotherSpellingIsAnotherTopicAndIsForbidden(String topic) {
    Answer refusal = ask(topic).refusal();
    assertEquals(403, refusal.status());
    assertEquals("topic: not allowed", Scene.text(refusal));
    assertEquals(List.of(Set.of(topic)), judged, "what was judged is what was asked for");
    assertEquals(403, ask(MINE, topic).refusal().status(), "beside one that is allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Team/red.1 ",
        " Team/red.1",
        "Team%2Fred.1",
        "Team/red%2e1",
        "Team\\red.1",
        "Team/red.1\0",
        "Team/red.1\0x",
        "Team/red.1\n",
        "Team/red.1\r\nid: 1",
        "Team/red.1\t",
        "*",
        "Team/*",
        "Team/#",
        "Team/+",
        "Team/red.?",
        "Team/{red.1}",
        "Team/[r]ed.1",
        "Team/.*",
        "Team/red.1,Team/blue",
        "Team/red.1;x",
        "Team/red.1?x",
        "Team/red.1#x",
        "Team/red.1&x",
        "\u0422eam/red.1",
        "Te\u0430m/red.1",
        "Team/red\u2024" + "1",
        "Team\u2215red.1",
        "Team/red.\u0661",
        "Team/red.\uFF11",
        "\uFF34eam/red.1",
        "Team/re\u0301d.1",
        "Team/red.1\u200B",
        "\uFEFFTeam/red.1",
        "Team/red.1\u202E",
        "Team\u2044red.1",
        "T\u0435am/red.1",
        "Team/red.1\u00AD",
        "\u212Aelvin",
        "\uD800",
        "\u0131d"
      })
  void S33_whatIsNoTopicIsRefusedBeforeAnybodyIsAsked(String topic) {
    Answer refusal = ask(topic).refusal();
    assertEquals(400, refusal.status());
    assertEquals("topic: expected [A-Za-z0-9._:/-]{1,200}", Scene.text(refusal));
    assertEquals(400, ask(MINE, topic).refusal().status(), "beside one that is allowed");
    assertEquals(List.of(), judged);
    assertThrows(IllegalArgumentException.class, () -> Authorization.allow().topics(MINE, topic));
    assertThrows(IllegalArgumentException.class, () -> scene.publish(topic, "x"));
  }

  @Test
  void S33_theLengthOfATopicIsBoundedForAllWhoNameOne() {
    assertEquals(403, ask("t".repeat(200)).refusal().status());
    assertEquals(400, ask("t".repeat(201)).refusal().status());
  }

  @Test
  void S33_whatIsReadIsWhatWasAuthorisedHoweverSimilarTheOthersAre() {
    for (long seed = 1; seed <= 300; seed++) {
      Random random = new Random(seed);
      List<String> topics = new ArrayList<>(List.of(MINE));
      while (topics.size() < 12) {
        String mutant = mutated(topics.get(random.nextInt(topics.size())), random);
        if (!topics.contains(mutant)) {
          topics.add(mutant);
        }
      }
      List<String> valid = new ArrayList<>();
      topics.forEach(
          topic -> {
            if (topic.matches("[A-Za-z0-9._:/-]{1,200}")) {
              valid.add(topic);
            }
          });
      Collections.shuffle(valid, random);
      allowed = new TreeSet<>(valid.subList(0, 1 + random.nextInt(valid.size())));
      judged.clear();
      Set<String> wanted = new LinkedHashSet<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        wanted.add(
            random.nextBoolean()
                ? valid.get(random.nextInt(valid.size()))
                : topics.get(random.nextInt(topics.size())));
      }
      Admission admission = ask(wanted.toArray(new String[0]));
      int expected = !valid.containsAll(wanted) ? 400 : !allowed.containsAll(wanted) ? 403 : 200;
      Answer refusal = admission.refusal();
      assertEquals(expected, refusal == null ? 200 : refusal.status(), "seed " + seed);
      assertEquals(expected == 400 ? List.of() : List.of(wanted), judged, "seed " + seed);
      if (refusal != null) {
        continue;
      }
      FakeOutlet stream = scene.open(admission, new FakeOutlet(admission.format()));
      Map<String, String> published = new HashMap<>();
      for (String topic : valid) {
        published.put(topic, scene.publish(topic, "x"));
      }
      scene.run();
      Set<String> read = new TreeSet<>();
      for (Event event : stream.applicationEvents()) {
        read.add(event.topic());
        assertEquals(published.get(event.topic()), event.id(), "seed " + seed);
      }
      assertEquals(new TreeSet<>(wanted), read, "seed " + seed);
      assertFalse(read.isEmpty());
    }
  }

  private static String mutated(String topic, Random random) {
    String[] pieces = {"/", "//", ".", "..", "%2e", "%2F", "\0", "*", "\u0430", "\u2024", "", "a"};
    int at = random.nextInt(topic.length() + 1);
    int end = Math.min(topic.length(), at + random.nextInt(2));
    switch (random.nextInt(3)) {
      case 0:
        return topic.isEmpty() || at == end
            ? topic + ":"
            : topic.substring(0, at) + swapCase(topic.substring(at, end)) + topic.substring(end);
      default:
        return topic.substring(0, at)
            + pieces[random.nextInt(pieces.length)]
            + topic.substring(end);
    }
  }

  private static String swapCase(String text) {
    char c = text.charAt(0);
    return String.valueOf(
        Character.isUpperCase(c)
            ? Character.toLowerCase(c)
            : c < 'a' || c > 'z' ? ':' : Character.toUpperCase(c));
  }

  @Test
  void S33_theTopicsThatAnAuthorizerSeesCannotBeChangedByIt() {
    Handshake handshake = Scene.handshake(Handshake.Kind.SSE, "topic=a", "topic=b", "topic=a");
    assertEquals(List.of("a", "b"), List.copyOf(handshake.topics()));
    assertThrows(UnsupportedOperationException.class, () -> handshake.topics().add("c"));
    assertTrue(Scene.handshake(Handshake.Kind.SSE).topics().isEmpty());
  }
}
