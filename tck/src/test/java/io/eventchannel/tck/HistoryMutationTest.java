package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.tck.History.Kind;
import io.eventchannel.tck.History.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Proves the judge: thousands of right histories of many shapes pass, and each of them, broken in
 * one way at a random place, is called broken in exactly that way.
 */
class HistoryMutationTest {
  private static final int SHAPES = 400;
  private static final EventChannel CHANNEL = new StillChannel("one");
  private static final CloseReason REASON = CloseReason.of(CloseReason.Kind.LOCAL, "done");

  /** One call of a listener. */
  private sealed interface Call {}

  private record Got(String id, long number) implements Call {}

  private record Missed(Gap gap) implements Call {}

  /** A call during which another one begins. */
  private record Overlapping(Got outer, Got inner) implements Call {}

  private record Closed() implements Call {}

  /** What was published and, so far, rightly received. */
  private record Shape(
      long seed, List<Got> published, Got evictedThrough, List<Call> calls, String startId) {}

  @Test
  void aRightHistoryIsClean() {
    for (int seed = 0; seed < SHAPES; seed++) {
      Shape shape = shape(seed);
      assertEquals(List.of(), check(shape, shape.calls), "seed " + seed);
    }
  }

  @Test
  void aDroppedEventIsLost() {
    mutate(
        Kind.LOST,
        (shape, calls, random) -> {
          int at = pick(random, gots(calls).filter(i -> !isEvicted(shape, calls.get(i))));
          if (at >= 0) {
            calls.remove(at);
          }
          return at >= 0;
        });
  }

  @Test
  void aRepeatedEventIsADuplicate() {
    mutate(
        Kind.DUPLICATE,
        (shape, calls, random) -> {
          int at = pick(random, gots(calls));
          if (at >= 0) {
            calls.add(at + 1 + random.nextInt(calls.size() - at), calls.get(at));
          }
          return at >= 0;
        });
  }

  @Test
  void aSwapOfNeighboursIsAReorder() {
    mutate(
        Kind.REORDERED,
        (shape, calls, random) -> {
          int at = pick(random, neighbours(calls));
          if (at >= 0) {
            calls.add(at, calls.remove(at + 1));
          }
          return at >= 0;
        });
  }

  @Test
  void anInventedEventIsAPhantom() {
    mutate(
        Kind.PHANTOM,
        (shape, calls, random) -> {
          Got some = shape.published.get(random.nextInt(shape.published.size()));
          Got phantom =
              switch (random.nextInt(3)) {
                case 0 -> new Got(some.id, some.number + 1_000_000);
                case 1 -> new Got("nobody-1", some.number);
                default -> new Got(null, some.number);
              };
          calls.add(random.nextInt(calls.size() + 1), phantom);
          return true;
        });
  }

  @Test
  void aDroppedGapIsUnreported() {
    mutate(
        Kind.UNREPORTED_GAP,
        (shape, calls, random) -> {
          int at = pick(random, indexes(calls).filter(i -> calls.get(i) instanceof Missed));
          if (at >= 0) {
            calls.remove(at);
          }
          return at >= 0;
        });
  }

  @Test
  void aGapBetweenNeighboursIsFalse() {
    mutate(
        Kind.FALSE_GAP,
        (shape, calls, random) -> {
          int at = pick(random, neighbours(calls));
          if (at >= 0) {
            String position = ((Got) calls.get(at)).id;
            Gap.Reason reason = Gap.Reason.values()[random.nextInt(Gap.Reason.values().length)];
            calls.add(
                at + 1,
                new Missed(
                    new Gap(
                        reason,
                        random.nextBoolean() ? position : null,
                        random.nextBoolean() ? position : null)));
          }
          return at >= 0;
        });
  }

  @Test
  void aRepeatedGapIsFalse() {
    mutate(
        Kind.FALSE_GAP,
        (shape, calls, random) -> {
          int at = pick(random, indexes(calls).filter(i -> calls.get(i) instanceof Missed));
          if (at >= 0) {
            calls.add(at, calls.get(at));
          }
          return at >= 0;
        });
  }

  @Test
  void overlappingCallsAreConcurrent() {
    mutate(
        Kind.CONCURRENT,
        (shape, calls, random) -> {
          int at = pick(random, neighbours(calls));
          if (at >= 0) {
            // The outer call is recorded when its number was read, so the inner one comes first.
            Got inner = (Got) calls.get(at);
            calls.set(at, new Overlapping((Got) calls.remove(at + 1), inner));
          }
          return at >= 0;
        });
  }

  @Test
  void aCallBehindOnClosedIsAfterClose() {
    mutate(
        Kind.AFTER_CLOSE,
        (shape, calls, random) -> {
          int at = pick(random, gots(calls));
          if (at >= 0) {
            calls.add(at, new Closed());
          }
          return at >= 0;
        });
  }

  private interface Mutation {
    /** Changes the calls, or returns false if they offer no place for it. */
    boolean apply(Shape shape, List<Call> calls, Random random);
  }

  private static void mutate(Kind kind, Mutation mutation) {
    int applied = 0;
    for (int seed = 0; seed < SHAPES; seed++) {
      Shape shape = shape(seed);
      List<Call> calls = new ArrayList<>(shape.calls);
      if (!mutation.apply(shape, calls, new Random(seed))) {
        continue;
      }
      applied++;
      List<Violation> violations = check(shape, calls);
      Set<Kind> kinds = violations.stream().map(Violation::kind).collect(Collectors.toSet());
      assertEquals(Set.of(kind), kinds, "seed " + seed + ": " + violations + " of " + calls);
    }
    if (applied < SHAPES / 4) {
      throw new AssertionError("only " + applied + " shapes offered a place for " + kind);
    }
  }

  /**
   * Draws epochs, events, a start, and gaps of every form. What gaps leave out is evicted; what
   * lies in the last epoch behind the last gap is not.
   */
  private static Shape shape(long seed) {
    Random random = new Random(seed);
    List<Got> published = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    Got evictedThrough = null;
    Got last = null;
    String startId = null;
    int epochs = 1 + random.nextInt(3);
    for (int e = 0; e < epochs; e++) {
      String epoch = "epoch" + e;
      int count = 1 + random.nextInt(30);
      int first = published.size();
      long position = 0;
      for (int i = 0; i < count; i++) {
        position += 1 + random.nextInt(3);
        published.add(new Got(epoch + "-" + position, published.size() + 1));
      }
      int next = first;
      if (e > 0) {
        evictedThrough = published.get(first - 1); // a new epoch holds nothing of the old one
        int skipped = random.nextInt(4) == 0 ? random.nextInt(count) : 0;
        next += skipped;
        String resumedAt = skipped == 0 ? epoch + "-0" : published.get(next - 1).id;
        if (skipped > 0) {
          evictedThrough = published.get(next - 1);
        }
        String missedAfter = last == null ? startId : last.id;
        if (missedAfter != null || startId != null) {
          calls.add(
              gap(
                  Gap.Reason.EPOCH,
                  random.nextInt(3) == 0 ? null : missedAfter,
                  random.nextInt(3) == 0 ? null : resumedAt));
        }
      } else if (random.nextInt(3) == 0) {
        next += random.nextInt(count);
        startId = next == 0 ? "epoch0-0" : published.get(next - 1).id;
      }
      while (next < published.size()) {
        int left = published.size() - next;
        if (left > 1 && last != null && random.nextInt(8) == 0 && inEpoch(last, epoch)) {
          int skipped = 1 + random.nextInt(left - 1);
          next += skipped;
          evictedThrough = published.get(next - 1);
          calls.add(
              gap(
                  Gap.Reason.EVICTED,
                  random.nextInt(3) == 0 ? null : last.id,
                  published.get(next - 1).id));
        }
        last = published.get(next++);
        calls.add(last);
      }
    }
    return new Shape(seed, published, evictedThrough, calls, startId);
  }

  private static boolean inEpoch(Got event, String epoch) {
    return event.id.startsWith(epoch + "-");
  }

  private static Missed gap(Gap.Reason reason, String missedAfter, String resumedAt) {
    return new Missed(new Gap(reason, missedAfter, resumedAt));
  }

  private static List<Violation> check(Shape shape, List<Call> calls) {
    List<Runnable> during = new ArrayList<>();
    History history =
        new History(
            shape.seed,
            event -> {
              if (!during.isEmpty()) {
                during.remove(0).run();
              }
              return Long.parseLong(event.data());
            });
    HistoryListener listener = history.listener("listener");
    shape.published.forEach(event -> history.published(event.id, event.number));
    if (shape.evictedThrough != null) {
      history.evictedThrough(shape.evictedThrough.id);
    }
    if (shape.startId != null) {
      listener.startingAfter(shape.startId);
    }
    for (Call call : calls) {
      if (call instanceof Got got) {
        listener.onEvent(CHANNEL, event(got));
      } else if (call instanceof Missed missed) {
        listener.onGap(CHANNEL, missed.gap);
      } else if (call instanceof Overlapping overlapping) {
        during.add(() -> listener.onEvent(CHANNEL, event(overlapping.inner)));
        listener.onEvent(CHANNEL, event(overlapping.outer));
      } else {
        listener.onClosed(CHANNEL, REASON);
      }
    }
    return history.check();
  }

  private static Event event(Got got) {
    return Event.message("" + got.number).withId(got.id);
  }

  private static boolean isEvicted(Shape shape, Call call) {
    return shape.evictedThrough != null && ((Got) call).number <= shape.evictedThrough.number;
  }

  private static Stream<Integer> indexes(List<Call> calls) {
    return IntStream.range(0, calls.size()).boxed();
  }

  private static Stream<Integer> gots(List<Call> calls) {
    return indexes(calls).filter(i -> calls.get(i) instanceof Got);
  }

  /** The places where two events of one epoch follow each other. */
  private static Stream<Integer> neighbours(List<Call> calls) {
    return gots(calls)
        .filter(i -> i + 1 < calls.size() && calls.get(i + 1) instanceof Got)
        .filter(
            i ->
                ((Got) calls.get(i))
                    .id.split("-")[0].equals(((Got) calls.get(i + 1)).id.split("-")[0]));
  }

  private static int pick(Random random, Stream<Integer> places) {
    List<Integer> all = places.toList();
    return all.isEmpty() ? -1 : all.get(random.nextInt(all.size()));
  }
}
