package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.transport.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets a place among an endpoint's connections: by how often the client comes, how many
 * there are in all, and how many its principal and its address have. Thread-safe.
 */
final class Places {
  /** Why there is none for now. */
  static final class Full {
    final int status;
    final String line;
    final long leastMillis; // until it is worth to ask again

    private Full(int status, String line, long leastMillis) {
      this.status = status;
      this.line = line;
      this.leastMillis = leastMillis;
    }
  }

  private final EndpointSettings settings;
  private final Channels channels;
  private final Scheduler clock;
  private final Shares shares;
  private final OpenRates rates;

  Places(EndpointSettings settings, Channels channels, Scheduler clock) {
    this.settings = settings;
    this.channels = channels;
    this.clock = clock;
    this.shares =
        new Shares(settings.maxConnectionsPerPrincipal, settings.maxConnectionsPerAddress);
    this.rates = new OpenRates(settings.openRate);
  }

  /**
   * Takes a place, to be given back by one of the two below; or says why there is none. Who is
   * attached to a channel and finds all full gets the place of the connection that it takes the
   * channel from, which is cut: it may be dead, and nobody have noticed yet.
   *
   * @param own the connection of the channel that the request is to be attached to; null for none
   */
  @Nullable Full take(Admissions.Request request, @Nullable Subscription own) {
    long wait = waitNanos(request);
    if (wait > 0) {
      return new Full(
          429,
          "openRate: expected at most " + settings.openRate.perSecond() + " connections a second",
          wait / 1_000_000);
    }
    boolean placed = channels.takePlace();
    if (placed && shares.take(request) == Shares.Taken.YES) {
      return null;
    }
    if (own != null && shares.takeOver(own, request)) {
      if (placed) {
        channels.releasePlace();
      }
      own.condemn(ServerChannel.REPLACED);
      return null;
    }
    if (!placed) {
      return new Full(503, "too many connections", settings.retryMillis);
    }
    String full = takeShare(request);
    if (full == null) {
      return null;
    }
    channels.releasePlace();
    return new Full(429, full, settings.retryMillis);
  }

  private long waitNanos(Admissions.Request request) {
    String client = request.principal;
    if (client == null && settings.maxConnectionsPerAddress > 0) {
      client = Shares.clientOf(request.remoteAddress);
    }
    return client == null ? 0 : rates.take(client, clock.nanoTime());
  }

  /** Takes the principal's and the address's share; says what is full if there is none. */
  private @Nullable String takeShare(Admissions.Request request) {
    while (true) {
      switch (shares.take(request)) {
        case YES:
          return null;
        case ADDRESS_FULL:
          return addressFull();
        case PRINCIPAL_FULL:
          String line =
              "maxConnectionsPerPrincipal: expected at most " + settings.maxConnectionsPerPrincipal;
          Subscription oldest = longestUnproven(request);
          if (oldest == null) {
            return shares.isAddressFull(request) ? addressFull() : line;
          }
          if (shares.handOver(oldest, request)) {
            makeRoom(oldest, line);
          }
      }
    }
  }

  private String addressFull() {
    return "maxConnectionsPerAddress: expected at most " + settings.maxConnectionsPerAddress;
  }

  /**
   * Ends a connection so that its client comes back later; its channel waits for it, if it does.
   */
  private void makeRoom(Subscription oldest, String line) {
    oldest.end(
        1013,
        line,
        CloseReason.local(1013, line),
        Ending.lastWords(oldest.format(), 1013, line, settings.heartbeatMillis));
  }

  /**
   * The connection of the request's principal of whose client nothing was heard for longest, if it
   * may be dead, and if its end is enough to let the request in.
   */
  private @Nullable Subscription longestUnproven(Admissions.Request request) {
    long now = clock.nanoTime();
    Subscription found = null;
    long longest = -1;
    for (ServerChannel channel : channels.all()) {
      Subscription connection = channel.connection();
      if (connection != null
          && channel.belongsTo(request.principal)
          && shares.canHandOver(connection, request)) {
        long silence = connection.unprovenNanos(now);
        if (silence > longest) {
          longest = silence;
          found = connection;
        }
      }
    }
    return found;
  }

  /** The request becomes no connection. */
  void giveBack(Admissions.Request request) {
    shares.giveBack(request);
    channels.releasePlace();
  }

  /** The request has become that connection, which keeps the place until {@link #ended}. */
  void opened(Subscription connection, Admissions.Request request) {
    shares.opened(connection, request);
  }

  /** The connection is no more. */
  void ended(Subscription connection, @Nullable String principal) {
    channels.disconnected(connection);
    if (shares.ended(connection, principal)) {
      channels.releasePlace();
    }
  }

  /** Whether there are connections, also those whose place was taken over and that end now. */
  boolean areTaken() {
    return channels.places() > 0 || shares.anyTakenOver();
  }

  /** What is kept of who has how many, in entries; 0 once there are no connections. */
  int entries() {
    return shares.size();
  }
}
