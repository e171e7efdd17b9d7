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
   * Returns how many events the slowest subscriber that reads at all has under way, so that a
   * broadcast that goes as fast as possible knows how many more it may publish. One that sends only
   * by calls that wait has none under way.
   */
  default long underWay() {
    return 0;
  }
}
