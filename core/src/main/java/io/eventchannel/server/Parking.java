package io.eventchannel.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one loop that sleep, found by topic, so that an entry wakes those that wait
 * for it and visits nobody else. Used by the loop's thread alone.
 *
 * <p>A place is enlisted in each of its topics' lists at most once, and stays enlisted where no
 * entry came, so that a subscription to many topics does not pay for the quiet ones at each turn. A
 * list may therefore name places whose subscription is awake; such a name is struck off when an
 * entry comes.
 */
final class Parking {
  // A subscription to more topics than this waits among those that want everything and is asked at
  // each entry: cheaper than hundreds of places in lists.
  private static final int MAX_LISTED_TOPICS = 64;

  /** Where one subscription waits. */
  static final class Place {
    final Subscription subscription;
    private @Nullable Node firstNode; // of its memberships; null before it is parked
    private boolean parked;
    // Every entry of the run below this index is known to be none of its.
    private long examined;

    /** When the entry came that woke it last; the loop's own. */
    long wokenBy;

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
  }

  /** A place's membership in one list; linked into it, or not. */
  private static final class Node {
    final Place place;
    final Waiters waiters;
    final @Nullable Node nextOfPlace;
    @Nullable Node previous = this; // itself while it is not linked
    @Nullable Node next;

    Node(Place place, Waiters waiters) {
      this.place = place;
      this.waiters = waiters;
      this.nextOfPlace = place.firstNode;
    }

    boolean isLinked() {
      return previous != this;
    }
  }

  private static final class Waiters {
    final @Nullable String topic;
    @Nullable Node first;
    int members;

    Waiters(@Nullable String topic) {
      this.topic = topic;
    }

    void link(Node node) {
      if (!node.isLinked()) {
        node.previous = null;
        node.next = first;
        if (first != null) {
          first.previous = node;
        }
        first = node;
      }
    }

    void unlink(Node node) {
      if (!node.isLinked()) {
        return;
      }
      if (node.previous != null) {
        node.previous.next = node.next;
      } else {
        first = node.next;
      }
      if (node.next != null) {
        node.next.previous = node.previous;
      }
      node.previous = node;
      node.next = null;
    }
  }

  private final Map<String, Waiters> byTopic = new HashMap<>();
  private final Waiters everything = new Waiters(null);

  /** Lets a place sleep until an entry of its topics comes at or behind {@code examined}. */
  void park(Place place, Run run, long examined) {
    assert run == place.run() : "parked in a run in which its subscription does not stand";
    place.parked = true;
    place.examined = examined;
    if (place.firstNode == null) {
      enlist(place);
    }
    for (Node node = place.firstNode; node != null; node = node.nextOfPlace) {
      node.waiters.link(node);
    }
  }

  private void enlist(Place place) {
    BatchCache.Reading reading = place.subscription.reading();
    Set<String> topics = reading.topics();
    if (reading.isAll() || topics.size() > MAX_LISTED_TOPICS) {
      enlist(place, everything);
      return;
    }
    for (String topic : topics) {
      enlist(place, byTopic.computeIfAbsent(topic, Waiters::new));
    }
  }

  private static void enlist(Place place, Waiters waiters) {
    waiters.members++;
    place.firstNode = new Node(place, waiters);
  }

  /** Wakes a place; its names in the lists are struck off later. */
  void unpark(Place place) {
    place.parked = false;
  }

  /** Takes a place out for good. */
  void retire(Place place) {
    place.parked = false;
    for (Node node = place.firstNode; node != null; node = node.nextOfPlace) {
      Waiters waiters = node.waiters;
      waiters.unlink(node);
      if (--waiters.members == 0 && waiters.topic != null) {
        byTopic.remove(waiters.topic);
      }
    }
    place.firstNode = null;
  }

  /** Wakes everybody who waits for an entry and tells who it was. */
  void entry(Run.Slot slot, BiConsumer<Place, Run.Slot> woken) {
    wake(everything, slot, woken);
    String topic = slot.topic();
    Waiters waiters = topic == null ? null : byTopic.get(topic);
    if (waiters != null) {
      wake(waiters, slot, woken);
    }
  }

  private static void wake(Waiters waiters, Run.Slot slot, BiConsumer<Place, Run.Slot> woken) {
    Node node = waiters.first;
    while (node != null) {
      Node following = node.next;
      Place place = node.place;
      if (!place.parked) {
        waiters.unlink(node);
      } else if (slot.index >= place.examined && place.subscription.wants(slot)) {
        waiters.unlink(node);
        place.parked = false;
        woken.accept(place, slot);
      }
      node = following;
    }
  }

  /** How many topics have subscriptions, asleep or awake. */
  int topics() {
    return byTopic.size();
  }
}
