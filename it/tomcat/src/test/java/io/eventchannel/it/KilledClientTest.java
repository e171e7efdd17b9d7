package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.client.FileCursorStore;
import io.eventchannel.it.ClientProcess.Journal.Handled;
import io.eventchannel.transport.Transport;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that keeps its position in a file and dies without a word, over and over. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class KilledClientTest {
  private static final int LIVES = 20;
  private static final int WHILE_DEAD = 15;
  private static final int WHILE_ALIVE = 25;

  @Test
  void INV_23_aClientThatIsKilledAtAnyMomentGoesOnRightAfterTheLastEventItHandled(
      @TempDir Path folder) throws Exception {
    long seed = Long.getLong("seed", 20_261_123L);
    Random random = new Random(seed);
    Path file = folder.resolve("position");
    FileCursorStore stored = FileCursorStore.of(file);
    Map<String, Integer> numbers = new HashMap<>();
    TreeSet<Integer> handled = new TreeSet<>();
    int published = 0;
    int repeated = 0;
    try (FeedServer server = FeedServer.start()) {
      // Without a position a feed begins at its head: where it does is known to all that follow.
      String begin = server.publish("n", event(0));
      numbers.put(begin, 0);
      stored.save(begin);
      for (int life = 0; life <= LIVES; life++) {
        boolean last = life == LIVES;
        int before = numbers.get(stored.load());
        published = publish(server, numbers, published, WHILE_DEAD);
        String transport = life % 2 == 0 ? Transport.WEBSOCKET : Transport.SSE;
        try (ClientProcess client =
            ClientProcess.startAt(
                file,
                server.tomcat.uri(FeedServer.PATH).toString(),
                transport,
                folder.resolve("life-" + life))) {
          published = publish(server, numbers, published, WHILE_ALIVE);
          // It dies somewhere behind this event: in the call, in the store, or between two of them.
          client.journal.await("event", last ? published - before : random.nextInt(WHILE_ALIVE));
          client.process().kill();

          List<Handled> events = client.journal.events();
          String context = "seed " + seed + ", life " + life + ": ";
          assertEquals(List.of(), client.journal.lines("gap"), context);
          assertEquals(
              IntStream.rangeClosed(before + 1, before + events.size()).boxed().toList(),
              events.stream().map(Handled::number).toList(),
              context + "each event once and in order, from the stored position " + before);
          for (Handled event : events) {
            assertEquals(numbers.get(event.id()), event.number(), context + "another event's ID");
            repeated += handled.add(event.number()) ? 0 : 1;
          }
          int after = number(numbers, stored.load());
          assertTrue(
              after <= before + events.size(),
              context + "stored is " + after + ", handled " + (before + events.size()));
          // A save may have been cut short, but none was left out.
          assertTrue(
              after >= before + events.size() - 1,
              context + "stored is " + after + ", handled " + (before + events.size()));
        }
      }
    }
    assertEquals(IntStream.rangeClosed(1, published).boxed().toList(), List.copyOf(handled));
    System.out.printf(
        "seed %d: %d events, %d kills, %d events handled again%n",
        seed, published, LIVES + 1, repeated);
  }

  private static int number(Map<String, Integer> numbers, @Nullable String id) {
    return numbers.getOrDefault(String.valueOf(id), Integer.MAX_VALUE);
  }

  private static int publish(FeedServer server, Map<String, Integer> numbers, int from, int count) {
    for (int number = from + 1; number <= from + count; number++) {
      numbers.put(server.publish("n", event(number)), number);
    }
    return from + count;
  }

  private static Event event(int number) {
    return Event.message(Integer.toString(number));
  }
}
