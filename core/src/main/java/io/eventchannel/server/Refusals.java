package io.eventchannel.server;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which events of one channel were refused and why, as far back as its client may ask again: those
 * among its latest numbers, and all behind the first that is undecided. Guarded by the {@link
 * Uplink}, which bounds how many these are.
 */
final class Refusals {
  // A client of ours has no more numbers undecided (protocol rule U-8), so it has heard of every
  // refusal before these.
  static final int REMEMBERED = 1024;

  private @Nullable TreeMap<Long, String> reasons; // by number; null before the first

  /** Adds one. */
  Uplink.Refusal add(long seq, String reason) {
    TreeMap<Long, String> known = reasons;
    if (known == null) {
      known = new TreeMap<>();
      reasons = known;
    }
    known.put(seq, reason);
    return new Uplink.Refusal(seq, reason);
  }

  /**
   * Forgets the old ones.
   *
   * @param last the last number that came
   * @param decided the number up to which all are decided
   */
  void forgetOld(long last, long decided) {
    if (reasons != null) {
      reasons.headMap(Math.min(last - REMEMBERED, decided), true).clear();
    }
  }

  /** Those of the numbers from one to another, both included. */
  List<Uplink.Refusal> between(long from, long to) {
    List<Uplink.Refusal> found = new ArrayList<>(0);
    if (reasons != null && from > 0 && from <= to) {
      reasons
          .subMap(from, to + 1)
          .forEach((seq, reason) -> found.add(new Uplink.Refusal(seq, reason)));
    }
    return found;
  }

  /** The first number that is remembered; {@link Long#MAX_VALUE} for none. */
  long first() {
    return reasons == null || reasons.isEmpty() ? Long.MAX_VALUE : reasons.firstKey();
  }
}
