package io.eventchannel.client;

/**
 * What is done about a connection that works: it is made anew before its credentials run out, and
 * left for a better transport when that passes again. Guarded by the channel's lock.
 */
final class Upkeep {
  private final ClientSettings settings;
  private final Changeover changeover;
  private final Renewal renewal;
  private final WayBack wayBack;

  Upkeep(
      ChannelEngine engine,
      ClientState state,
      Upstream upstream,
      ClientSettings settings,
      ChannelRequest request,
      CallOuts callOuts) {
    this.settings = settings;
    this.changeover = new Changeover(engine, upstream, settings);
    this.renewal = new Renewal(engine, changeover, state, settings);
    this.wayBack = new WayBack(engine, state, changeover, settings, request, callOuts);
  }

  /** Whether a probe is the present one. */
  boolean isCurrent(Probe probe) {
    return wayBack.isCurrent(probe);
  }

  /** The attempt that is under way was authorised by these. */
  void authorised(Credentials credentials) {
    renewal.authorised(credentials, settings.random);
  }

  /** That attempt is open. */
  void opened() {
    renewal.opened();
    wayBack.opened();
  }

  /** What became of something sent is known. */
  void decided() {
    changeover.decided();
  }

  void networkChanged() {
    wayBack.networkChanged();
  }

  /** The connection, or the attempt to make one, is gone. */
  void dropped() {
    changeover.cancel();
    renewal.dropped();
    wayBack.dropped();
  }
}
