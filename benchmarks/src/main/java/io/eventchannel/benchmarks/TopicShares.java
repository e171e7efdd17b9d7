package io.eventchannel.benchmarks;

/**
 * Who subscribes to which topic where a {@link BroadcastServer} has some: connection {@code i} to
 * {@code each} of them in a row, from {@code i * each} on and round, so that each topic has the
 * same number of subscribers.
 *
 * @param topics how many there are; 0 if events have none
 * @param active how many of them, from the first on, events go to in turn
 * @param each how many each connection subscribes to
 */
record TopicShares(int topics, int active, int each) {
  static TopicShares of(Options options) {
    int topics = options.number("--topics", 0);
    int active = options.number("--active", topics);
    int each = options.number("--topics-each", 1);
    if (active > topics || each > Math.max(1, topics)) {
      throw new IllegalArgumentException(
          "expected at most as many --active and --topics-each as --topics, got "
              + (active + ", " + each + " and " + topics));
    }
    return new TopicShares(topics, active, each);
  }

  /** How many subscribers a topic has. */
  int fanOut(int connections) {
    if (topics == 0) {
      return connections;
    }
    if (connections * (long) each % topics != 0) {
      throw new IllegalArgumentException(
          String.format("%d topics cannot be shared by %d times %d", topics, connections, each));
    }
    return (int) (connections * (long) each / topics);
  }

  /** The query of a connection. */
  String query(int connection) {
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < each && topics > 0; i++) {
      query.append(i == 0 ? "topic=t-" : "&topic=t-").append(first(connection, i));
    }
    return query.toString();
  }

  /** Whether an event is for that connection; the first of all has number 1 and the first topic. */
  boolean isFor(int connection, long seq) {
    return topics == 0
        || Math.floorMod((seq - 1) % active - first(connection, 0), (long) topics) < each;
  }

  private long first(int connection, int plus) {
    return ((long) connection * each + plus) % topics;
  }
}
