package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.log.InMemoryEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a channel of the server says about its topics: those that were asked for. */
class ChannelTopicsTest implements EventChannelListener {
  private final List<EventChannel> opened = new ArrayList<>();

  @Test
  void aChannelNamesTheTopicsThatItsClientAskedFor() {
    Scene scene = scene(Authorization.allow());
    assertEquals(Set.of("a"), topics(scene, "topic=a"));
    assertEquals(Set.of("a", "b"), topics(scene, "topic=b", "topic=a"));
    assertEquals(Set.of(), topics(scene));
  }

  @Test
  void aChannelWhoseClientAskedForAllNamesNoneThoughNotAllAreAllowed() {
    Scene scene = scene(Authorization.allow().topics("mine", "ours"));
    assertEquals(Set.of("mine"), topics(scene, "topic=mine"));
    assertEquals(Set.of(), topics(scene));
  }

  @Test
  void theTopicsOfAChannelAreNotForItsApplicationToChange() {
    Scene scene = scene(Authorization.allow().topics("mine"));
    for (String[] asked : List.of(new String[] {"topic=mine"}, new String[0])) {
      Set<String> topics = topics(scene, asked);
      assertThrows(UnsupportedOperationException.class, () -> topics.add("other"));
    }
  }

  private Scene scene(Authorization authorization) {
    return new Scene(
        InMemoryEventLog.create(),
        feed -> {},
        endpoint -> endpoint.authorizer(handshake -> authorization).listener(this));
  }

  private Set<String> topics(Scene scene, String... asked) {
    scene.sse(asked);
    return opened.get(opened.size() - 1).topics();
  }

  @Override
  public void onOpen(EventChannel channel) {
    opened.add(channel);
  }
}
