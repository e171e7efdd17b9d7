package io.eventchannel.benchmarks;

/**
 * What a server under measurement does: it sends one event to everybody. Used by the threads of its
 * {@link ControlSurface}, one broadcast at a time.
 */
interface Broadcaster {
  /** How many subscribers there are. */
  int connections();

  /** Sends an event whose data is {@code data} to every subscriber. */
  void publish(String data);

  /**
   * Whether the slowest subscriber that reads at all has fewer than so many events under way, so
   * that another may be published in a broadcast that goes as fast as possible. One that sends only
   * by calls that wait has none under way.
   */
  default boolean hasFewerUnderWay(int events) {
    return true;
  }
}
