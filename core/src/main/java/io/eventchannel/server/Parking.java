package io.eventchannel.server;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one loop that sleep, found by topic, so that an entry wakes those that wait
 * for it and visits nobody else. Used by the loop's thread alone.
 *
 * <p>A place is a member of the lists of its topics, asleep or awake, from when it sleeps first
 * until it retires. To wake a list is to begin a {@link Wake} of it, which visits the members one
 * by one as they are polled: each is fetched from memory once, for its turn, and nothing that a
 * collector keeps book of is written on the way. Who is visited and sleeps has been woken if an
 * entry of the list came since it had looked last.
 *
 * <p>A list has at most one wake that has not begun: it is for all entries since the one before
 * began. Wakes are polled in the order of their first entries, so when a place is polled, nothing
 * was for it before the first entry of that wake, but what it had looked at itself.
 */
final class Parking {
  // A subscription to more topics than this is in one list with its like, which are asked
  // about each entry: cheaper than hundreds of memberships.
  private static final int MAX_LISTED_TOPICS = 64;

  /** Where one subscription waits. */
  static final class Place {
    final Subscription subscription;
    private @Nullable Membership memberships; // null before it is parked
    private boolean parked;
    // Every entry of the run below this index is known to be none of its.
    private long examined;

    Place(Subscription subscription) {
      this.subscription = subscription;
    }

    boolean isParked() {
      return parked;
    }

    /**
     * The run in which it is parked. A turn begins with its end, so its subscription has not moved.
     */
    @Nullable Run run() {
      return subscription.waitsIn();
    }

    /** The index up to which was looked when it was parked last. */
    long examined() {
      return examined;
    }

    private Membership membershipIn(Members list) {
      for (Membership each = memberships; each != null; each = each.nextOfPlace) {
        if (each.list == list) {
          return each;
        }
      }
      throw new AssertionError("a list has a member that is none");
    }
  }

  private static final class Membership {
    final Members list;
    final @Nullable Membership nextOfPlace;
    int index;

    Membership(Members list, int index, @Nullable Membership nextOfPlace) {
      this.list = list;
      this.index = index;
      this.nextOfPlace = nextOfPlace;
    }
  }

  /** Those who wait for the same topic, for every topic, or to be asked. */
  private static final class Members {
    final @Nullable String topic;
    private @Nullable Place[] places = new Place[1];
    private int end; // of what is in use, holes included
    private int members;
    private @Nullable Wake begun; // the one that is being polled
    private @Nullable Wake next; // the one that has not begun
    private @Nullable Run lastRun; // of the last entry for the members, asleep or not
    private long lastIndex;

    Members(@Nullable String topic) {
      this.topic = topic;
    }

    boolean isEmpty() {
      return members == 0;
    }

    void add(Place place) {
      if (end == places.length) {
        places = Arrays.copyOf(places, 2 * end);
      }
      place.memberships = new Membership(this, end, place.memberships);
      places[end++] = place;
      members++;
    }

    /** Leaves a hole, since wakes may be on their way through the list. */
    void remove(Membership membership) {
      places[membership.index] = null;
      members--;
      closeHoles();
    }

    /** Closes the holes if they are many and no wake loses its place by that. */
    private void closeHoles() {
      if (begun != null || end - members <= members) {
        return;
      }
      @Nullable Place[] dense = new Place[Math.max(1, members)];
      int to = 0;
      for (int from = 0; from < end; from++) {
        Place place = places[from];
        if (place != null) {
          place.membershipIn(this).index = to;
          dense[to++] = place;
        }
      }
      places = dense;
      end = to;
    }

    /** An entry came; returns the wake that it makes necessary, if there is none that will do. */
    @Nullable Wake entry(Run run, Run.Slot entry) {
      boolean covered = next != null && next.run == run;
      lastRun = run;
      lastIndex = entry.index;
      if (covered) {
        return null;
      }
      next = new Wake(this, run, entry);
      return next;
    }

    /** Whether an entry came that the place has not looked at. */
    boolean hasMoreFor(Place place, Run run) {
      return lastRun == run && lastIndex >= place.examined;
    }

    /** Returns the next of those whom the wake concerns, and who sleep; null if it is over. */
    @Nullable Place visit(Wake wake) {
      if (next == wake) {
        next = null;
        begun = wake;
      }
      for (; wake.visited < end; wake.visited++) {
        Place place = places[wake.visited];
        if (place != null && place.parked && hasMoreFor(place, wake.run)) {
          return place;
        }
      }
      begun = null;
      closeHoles();
      return null;
    }
  }

  /** A visit to the members of a list, since an entry came for them. */
  static final class Wake {
    final Run run;
    final Run.Slot first;
    private final Members list;
    private int visited;

    private Wake(Members list, Run run, Run.Slot first) {
      this.list = list;
      this.run = run;
      this.first = first;
    }
  }

  private final Map<String, Members> byTopic = new HashMap<>();
  private final Members everything = new Members(null);
  private final Members asked = new Members(null);
  private final ArrayDeque<Wake> wakes = new ArrayDeque<>();
  private @Nullable Wake current;

  /** Lets a place sleep until an entry of its topics comes at or behind {@code examined}. */
  void park(Place place, Run run, long examined) {
    assert run == place.run() : "parked in a run in which its subscription does not stand";
    place.parked = true;
    place.examined = examined;
    if (place.memberships == null) {
      enlist(place);
    }
  }

  private void enlist(Place place) {
    BatchCache.Reading reading = place.subscription.reading();
    Set<String> topics = reading.topics();
    if (reading.isAll()) {
      everything.add(place);
    } else if (topics.size() > MAX_LISTED_TOPICS) {
      asked.add(place);
    } else {
      for (String topic : topics) {
        byTopic.computeIfAbsent(topic, Members::new).add(place);
      }
    }
  }

  /** Wakes a place. */
  void unpark(Place place) {
    place.parked = false;
  }

  /** Takes a place out for good. */
  void retire(Place place) {
    place.parked = false;
    for (Membership each = place.memberships; each != null; each = each.nextOfPlace) {
      Members list = each.list;
      list.remove(each);
      if (list.isEmpty() && list.topic != null) {
        byTopic.remove(list.topic);
      }
    }
    place.memberships = null;
  }

  /** Wakes everybody who waits for an entry. */
  void entry(Run run, Run.Slot entry) {
    wake(everything, run, entry);
    wake(asked, run, entry);
    String topic = entry.topic();
    Members members = topic == null ? null : byTopic.get(topic);
    if (members != null) {
      wake(members, run, entry);
    }
  }

  private void wake(Members list, Run run, Run.Slot entry) {
    if (!list.isEmpty()) {
      Wake wake = list.entry(run, entry);
      if (wake != null) {
        wakes.add(wake);
      }
    }
  }

  /**
   * Whether nothing came for a place since it was parked, as far as is known without asking it:
   * else a wake will get to it.
   */
  boolean isUndisturbed(Place place, Run run) {
    for (Membership each = place.memberships; each != null; each = each.nextOfPlace) {
      if (each.list.hasMoreFor(place, run)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the oldest wake that is to tell a place what came; null if that is not known. Nothing
   * came for the place between what it has looked at and the first entry of that wake: an older one
   * would have told it.
   */
  @Nullable Wake oldestFor(Place place, Run run) {
    Wake oldest = null;
    for (Membership each = place.memberships; each != null; each = each.nextOfPlace) {
      Members list = each.list;
      if (list.hasMoreFor(place, run)) {
        Wake wake = list.begun != null ? list.begun : list.next;
        if (wake == null || wake.run != run) {
          return null;
        }
        if (oldest == null || wake.first.index < oldest.first.index) {
          oldest = wake;
        }
      }
    }
    return oldest;
  }

  /** Another run begins, in which nobody waits yet. Forgets the one before. */
  void startAnew() {
    everything.lastRun = null;
    asked.lastRun = null;
    byTopic.values().forEach(each -> each.lastRun = null);
    current = null;
  }

  /** Whether somebody was woken who sleeps still. */
  boolean hasWoken() {
    return next() != null;
  }

  private @Nullable Place next() {
    for (Wake wake = wakes.peek(); wake != null; wake = wakes.peek()) {
      Place place = wake.list.visit(wake);
      if (place != null) {
        return place;
      }
      wakes.remove();
    }
    current = null;
    return null;
  }

  /**
   * Returns the next place that was woken and sleeps, or null if there is none. It stays parked: it
   * is to be unparked, or parked anew if it is to be asked and wants none of what came.
   */
  @Nullable Place poll() {
    Place place = next();
    if (place != null) {
      current = wakes.element();
      current.visited++;
    }
    return place;
  }

  /** What woke the place that was polled last. */
  Wake polledFrom() {
    return Objects.requireNonNull(current);
  }

  /** Whether the members of a wake's list have to be asked whether they want an entry. */
  boolean isToAsk(Wake wake) {
    return wake.list == asked;
  }

  /** How many topics have subscriptions, asleep or awake. */
  int topics() {
    return byTopic.size();
  }
}
