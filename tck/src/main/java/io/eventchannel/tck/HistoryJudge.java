package io.eventchannel.tck;

import io.eventchannel.Gap;
import io.eventchannel.log.Position;
import io.eventchannel.tck.History.Kind;
import io.eventchannel.tck.History.Published;
import io.eventchannel.tck.History.Violation;
import io.eventchannel.tck.HistoryListener.Unmatched;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Compares what one listener got with what it was owed. Used once.
 *
 * <p>The owed events are numbered from 0; {@code next} is the one that must come. An event ahead of
 * it leaves a hole, which a gap told since the last event may excuse; one behind it is a duplicate
 * or out of order. Holes are counted at the end, so that an event that comes late is called
 * reordered and not lost as well.
 */
final class HistoryJudge {
  private final String listener;
  private final List<Published> published;
  private final List<Published> owed = new ArrayList<>();
  private final int[] owedThrough; // by index of published: how many owed events up to it
  private final Map<String, Published> byId;
  private final Map<String, int[]> epochs; // first and last index of published
  private final int evictedThrough;
  private final boolean[] seen;
  private final boolean[] excused;

  private final List<Finding> findings = new ArrayList<>();
  private final List<Gap> pending = new ArrayList<>(); // told since the last event
  private int next;
  private @Nullable String epoch; // of the position where the listener stands
  private @Nullable Published last;

  private record Finding(int at, Violation violation) {}

  HistoryJudge(
      String listener,
      List<Published> published,
      Map<String, Published> byId,
      Map<String, int[]> epochs,
      int evictedThrough,
      Predicate<Published> isOwed) {
    this.listener = listener;
    this.published = published;
    this.byId = byId;
    this.epochs = epochs;
    this.evictedThrough = evictedThrough;
    owedThrough = new int[published.size()];
    for (Published event : published) {
      if (isOwed.test(event)) {
        owed.add(event);
      }
      owedThrough[event.index()] = owed.size();
    }
    seen = new boolean[owed.size()];
    excused = new boolean[owed.size()];
  }

  /**
   * Judges the calls of a listener.
   *
   * @param calls events ({@link Published} or {@link Unmatched}) and {@link Gap}s, in order
   */
  List<Violation> judge(
      List<Object> calls, @Nullable String startId, boolean anyStart, boolean anyEnd) {
    if (startId != null) {
      Integer start = resolve(startId);
      next = start == null ? 0 : through(start);
      epoch = History.epochOf(startId);
      Arrays.fill(seen, 0, next, true);
    }
    for (Object call : calls) {
      if (call instanceof Gap gap) {
        onGap(gap);
      } else {
        onEvent(call, anyStart);
      }
    }
    if (!pending.isEmpty()) {
      judgeGaps(null);
    }
    findHoles(anyEnd ? next : owed.size());
    findings.sort((one, other) -> Integer.compare(one.at, other.at));
    return findings.stream().map(Finding::violation).toList();
  }

  private void onGap(Gap gap) {
    if (pending.contains(gap)) {
      find(Kind.FALSE_GAP, next, gap + " was told twice");
    } else {
      pending.add(gap);
    }
  }

  private void onEvent(Object call, boolean anyStart) {
    Published event = match(call);
    if (event == null) {
      return;
    }
    int at = through(event.index()) - 1;
    if (seen[at]) {
      find(Kind.DUPLICATE, at, event + " came again" + afterLast());
      return;
    }
    seen[at] = true;
    if (at < next) {
      find(Kind.REORDERED, at, event + " came" + afterLast());
      return;
    }
    if (anyStart && last == null) {
      Arrays.fill(excused, 0, at, true);
      pending.clear();
    } else if (!pending.isEmpty()) {
      judgeGaps(event);
    } else if (changes(epoch, event.epoch())) {
      find(Kind.UNREPORTED_GAP, at, "the epoch changed with " + event + afterLast() + ", no gap");
    }
    next = at + 1;
    epoch = event.epoch();
    last = event;
  }

  /** Returns the owed event that came, or null if it is a phantom. */
  private @Nullable Published match(Object call) {
    Published event;
    if (call instanceof Unmatched unmatched) {
      event = byId.get(Objects.toString(unmatched.id(), ""));
      if (event == null || event.number() != unmatched.number()) {
        find(
            Kind.PHANTOM,
            next,
            "got "
                + unmatched.id()
                + " (number "
                + unmatched.number()
                + ")"
                + afterLast()
                + (event == null ? ", which nobody published" : ", but published was " + event));
        return null;
      }
    } else {
      event = (Published) call;
    }
    int before = event.index() == 0 ? 0 : owedThrough[event.index() - 1];
    if (owedThrough[event.index()] == before) {
      find(Kind.PHANTOM, next, "got " + event + " of topic " + event.topic() + ", not asked for");
      return null;
    }
    return event;
  }

  /** Judges the gaps told since the last event, on the next event or, with null, at the end. */
  private void judgeGaps(@Nullable Published event) {
    Gap firstGap = pending.get(0);
    Gap lastGap = pending.get(pending.size() - 1);
    Integer missedAfter = resolve(firstGap.missedAfter());
    Integer resumedAt = resolve(lastGap.resumedAt());
    int at = event == null ? owed.size() : through(event.index()) - 1;
    int from = missedAfter == null ? next : Math.max(next, through(missedAfter));
    int to = resumedAt != null ? through(resumedAt) : event == null ? from : at;
    if (from < Math.min(to, at)) {
      Arrays.fill(excused, from, Math.min(to, at), true);
    }
    String before =
        firstGap.missedAfter() == null ? epoch : History.epochOf(firstGap.missedAfter());
    String after = event == null ? History.epochOf(lastGap.resumedAt()) : event.epoch();
    boolean newEpoch =
        before == null
            ? firstGap.reason() == Gap.Reason.EPOCH || firstGap.reason() == Gap.Reason.UNKNOWN
            : after == null || changes(before, after);
    if (to > at) {
      find(Kind.FALSE_GAP, next, lastGap + " lies beyond the next event " + event);
    } else if (from >= to && !newEpoch) {
      find(Kind.FALSE_GAP, next, lastGap + " was told" + afterLast() + ", but nothing is missing");
    }
    pending.clear();
  }

  private void findHoles(int end) {
    int from = 0;
    while (from < end) {
      if (seen[from] || excused[from]) {
        from++;
        continue;
      }
      boolean evicted = owed.get(from).index() <= evictedThrough;
      int to = from + 1;
      while (to < end
          && !seen[to]
          && !excused[to]
          && (owed.get(to).index() <= evictedThrough) == evicted) {
        to++;
      }
      String text =
          to
              - from
              + " events never came, from "
              + owed.get(from)
              + " to "
              + owed.get(to - 1)
              + (from == 0 ? ", at the beginning" : ", after " + owed.get(from - 1));
      find(evicted ? Kind.UNREPORTED_GAP : Kind.LOST, from, text);
      from = to;
    }
  }

  private void find(Kind kind, int at, String text) {
    findings.add(new Finding(at, new Violation(kind, listener, text)));
  }

  private String afterLast() {
    return last == null ? " first" : " after " + last;
  }

  private static boolean changes(@Nullable String before, @Nullable String after) {
    return before != null && after != null && !before.equals(after);
  }

  /** How many owed events lie at or before an index of published, which may be -1. */
  private int through(int index) {
    return index < 0 ? 0 : owedThrough[index];
  }

  /** Returns the index of the last published event at or before a position; null if unknown. */
  private @Nullable Integer resolve(@Nullable String id) {
    Published exact = id == null ? null : byId.get(id);
    if (exact != null) {
      return exact.index();
    }
    Position position = id == null ? null : Position.parse(id);
    int[] range = position == null ? null : epochs.get(position.epoch());
    if (position == null || range == null) {
      return null;
    }
    int low = range[0] - 1;
    int high = range[1];
    while (low < high) { // the answer lies in low..high
      int middle = (low + high + 1) >>> 1;
      Position there = Position.parse(published.get(middle).id());
      if (there != null && there.sameEpoch(position) && there.compareWithin(position) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
