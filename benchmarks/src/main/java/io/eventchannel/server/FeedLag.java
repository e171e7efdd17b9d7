package io.eventchannel.server;

/** Looks into the engine for a benchmark: no application needs to know. */
public final class FeedLag {
  private FeedLag() {}

  /**
   * Returns how many events the slowest connection has yet to be handed, those left out whose peer
   * has not read for a second. Of a feed without topics only: a connection that sleeps until its
   * topics come looks as if it were behind.
   */
  public static long of(EventFeed feed) {
    return feed.engine().lag(1_000_000_000);
  }
}
