package io.eventchannel.server;

import io.eventchannel.EventChannelListener;
import io.eventchannel.policy.RateLimit;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Serves a feed to channels: what an adapter mounts at a URL. An application builds one and closes
 * it; the methods that say so are for adapters. Thread-safe; no method blocks, but {@link #admit}
 * where the authorizer is an {@link AsyncAuthorizer}.
 */
public final class ChannelEndpoint implements AutoCloseable {
  // A client moves a longer delay to this end (protocol rule R-9), where all of them would meet.
  private static final Duration LONGEST_WINDOW = Duration.ofMinutes(5);

  private final EndpointEngine engine;

  private ChannelEndpoint(EndpointEngine engine) {
    this.engine = engine;
  }

  /** Starts to build an endpoint of a feed. */
  public static Builder builder(EventFeed feed) {
    return new Builder(feed);
  }

  /**
   * Decides about a request for a connection, by its head alone; for adapters that cannot wait
   * otherwise, as for an upgrade in a servlet. Asks the authorizer on the calling thread, which
   * waits for an {@link AsyncAuthorizer} as long as {@link Builder#authorizerTimeout} says. Who is
   * interrupted meanwhile gets a refusal with 503, and keeps its interrupt.
   */
  public Admission admit(Handshake handshake) {
    CompletionStage<Admission> decided = admitAsync(handshake);
    Admission admission = EndpointEngine.await(decided);
    if (admission != null) {
      return admission;
    }
    decided.thenAccept(Admission::cancel);
    return new Refusal(engine.goingAway(handshake));
  }

  /**
   * Decides about a request for a connection, by its head alone; for adapters. Asks the authorizer
   * on the calling thread; the stage is complete then, unless it is an {@link AsyncAuthorizer} that
   * answers later. In that case nothing is held for the request meanwhile, whoever completes that
   * answer goes on with the request, and who does not want the admission any more must cancel it.
   */
  public CompletionStage<Admission> admitAsync(Handshake handshake) {
    return engine.admit(handshake);
  }

  /**
   * Decides about a POST of upstream events by its head, before its body is read; for adapters.
   * Asks the authorizer on the calling thread; the stage never fails, and is complete then, unless
   * it is an {@link AsyncAuthorizer} that answers later.
   */
  public CompletionStage<PostAdmission> admitPost(Handshake handshake) {
    return engine.posts().admit(handshake);
  }

  /**
   * Takes upstream events that an SSE client posted, head and body at once; for adapters that have
   * both. The stage never fails.
   *
   * @param body the body, or its first {@link #maxPostBytes()} + 1 bytes
   */
  public CompletionStage<Answer> post(Handshake handshake, byte[] body) {
    return admitPost(handshake).thenCompose(admission -> admission.take(body));
  }

  /**
   * The answer to a request of a method other than GET and POST; for adapters. HEAD is answered as
   * GET would be where there is a place, which it does not take, and waits as {@link #admit} does;
   * OPTIONS as CORS asks; all else with 405.
   *
   * @param handshake of kind {@code SSE}
   */
  public Answer otherMethod(String method, Handshake handshake) {
    switch (method) {
      case "OPTIONS":
        return engine.answers().options(handshake);
      case "HEAD":
        Answer head = EndpointEngine.await(engine.head(handshake));
        return head != null ? head : engine.goingAway(handshake).withoutBody();
      default:
        return engine.answers().methodNotAllowed(handshake);
    }
  }

  /** The longest POST body to read, in bytes; for adapters. */
  public int maxPostBytes() {
    return engine.maxUpstreamBytes();
  }

  /**
   * Says that a principal may do less than when the authorizer was asked for its channels. Each of
   * them is ended with close code 4001 (protocol rule C-1), at the next event boundary: nothing of
   * the feed is written behind what is being written now, and nothing is taken from the client. A
   * client of ours comes back as after any loss, with fresh credentials and its position, and the
   * authorizer decides anew; an {@code EventSource} comes back by itself, too, a plain WebSocket as
   * far as its page sees to it. So the permission is narrowed by ending the channel, never by
   * taking topics from one that stays open. A request that is being decided at this moment counts
   * as well. What was sent to a channel directly before goes out, and a call of the listener that
   * has begun is not taken back. Asks the authorizer nothing itself. Returns after a look at every
   * channel.
   *
   * @param principal the name that the authorizer gave ({@link Authorization#principal}), else that
   *     of the {@code Principal} that the container gave the handshakes
   * @return how many open channels it found
   */
  public int reauthorize(String principal) {
    Objects.requireNonNull(principal, "principal");
    return engine.revoke(principal);
  }

  /** How many connections are open or about to be. */
  public int connections() {
    return engine.connections();
  }

  /** What is kept of who has how many connections, in entries; 0 without connections. */
  int shares() {
    return engine.shares();
  }

  /**
   * Ends every channel with a goodbye that lets its client come back, and refuses new ones from now
   * on: with 503 and {@code Retry-After}, a plain {@code EventSource} as protocol rule H-5 says.
   * Returns at once.
   *
   * <p>Each client, the refused ones included, is told a delay of its own. However many there are,
   * the delays are spread evenly over the window; clients of ours add a random part of up to half
   * of it. What is being written when the drain begins is finished, and what was sent to a channel
   * before goes out, too; then the connection ends, with close code 1001 (rules C-1, K-5). One that
   * is not gone after the stall timeout of the feed's {@code SlowConsumerPolicy} is cut.
   *
   * <p>Only the first call counts, {@link #close} included; later ones return a stage of the same
   * end.
   *
   * @param window zero to 5 min
   * @return completes when the last connection has gone, on the application's executor, where calls
   *     of the listener may still be under way; never fails
   * @throws IllegalArgumentException if the window is negative or too long
   */
  public CompletionStage<Void> drain(Duration window) {
    return engine.drain(EndpointDraft.within("window", window, Duration.ZERO, LONGEST_WINDOW));
  }

  /**
   * Is {@link #drain} with a window of two seconds. Call it, or that, before the container stops.
   * Returns at once. Idempotent.
   */
  @Override
  public void close() {
    drain(EndpointEngine.CLOSE_WINDOW);
  }

  /** Builds a {@link ChannelEndpoint}; each option has a default. */
  public static final class Builder {
    private final EndpointDraft draft;

    private Builder(EventFeed feed) {
      this.draft = new EndpointDraft(Objects.requireNonNull(feed, "feed"));
    }

    /**
     * Sets who decides; default: everybody may read everything and send. The last one counts that
     * was set here or by {@link #asyncAuthorizer}.
     */
    public Builder authorizer(Authorizer value) {
      draft.authorizer = Objects.requireNonNull(value, "authorizer");
      draft.asyncAuthorizer = null;
      return this;
    }

    /**
     * Sets who decides, where the answer has to be waited for. A stream and a POST wait without a
     * thread; an upgrade to WebSocket and a HEAD hold the container's request thread meanwhile,
     * since a servlet cannot upgrade a request later.
     */
    public Builder asyncAuthorizer(AsyncAuthorizer value) {
      draft.asyncAuthorizer = Objects.requireNonNull(value, "asyncAuthorizer");
      return this;
    }

    /**
     * Sets how long a request waits for an {@link AsyncAuthorizer}, 10 ms to 1 min; default 10 s.
     * Then it is answered with 503, a plain {@code EventSource} as protocol rule H-5 says.
     */
    public Builder authorizerTimeout(Duration value) {
      draft.authorizerTimeout =
          EndpointDraft.within(
              "authorizerTimeout", value, Duration.ofMillis(10), Duration.ofMinutes(1));
      return this;
    }

    /**
     * Sets how many requests may wait for an {@link AsyncAuthorizer}; default 1,000. More are told
     * to come back later, without asking it.
     */
    public Builder maxPendingAuthorizations(int value) {
      draft.maxPendingAuthorizations = EndpointDraft.positive("maxPendingAuthorizations", value);
      return this;
    }

    /**
     * Sets the listener of all channels of this endpoint: {@code onOpen}, {@code onEvent} for each
     * upstream event, {@code onClosed}; and where a client may come back to its channel ({@link
     * #linger}), {@code onConnectionLost} and another {@code onOpen}. Calls of one channel are
     * serial. Without a listener, what clients send is refused.
     */
    public Builder listener(EventChannelListener value) {
      draft.listener = Objects.requireNonNull(value, "listener");
      return this;
    }

    /**
     * Sets where the listener runs and the stages of {@code send} complete; it must have threads of
     * its own, since one that runs a task in its caller would hold up the engine's loops. It should
     * be bounded, and is not shut down by this endpoint. When it refuses, calls wait and are
     * offered again; once the endpoint or its feed is closed, those that it refuses are made by a
     * thread of ours, one after the other. What it has taken and then drops, as {@code shutdownNow}
     * does, is offered again only when another call for the same channel comes after that close.
     * Default: a pool of daemon threads of its own.
     */
    public Builder applicationExecutor(Executor value) {
      draft.applicationExecutor = Objects.requireNonNull(value, "applicationExecutor");
      return this;
    }

    /**
     * Allows pages of these origins beside the same one, each {@code scheme://host[:port]}.
     *
     * @throws IllegalArgumentException when built, if one is no origin
     */
    public Builder allowedOrigins(String... origins) {
      draft.allowedOrigins = new LinkedHashSet<>(Arrays.asList(origins));
      return this;
    }

    /**
     * Sets the origin under which pages see this server, where a proxy rewrites {@code Host}.
     * Default: the origin of {@code Host}.
     */
    public Builder publicOrigin(String origin) {
      draft.publicOrigin = Objects.requireNonNull(origin, "publicOrigin");
      return this;
    }

    /**
     * Adds names that this server answers to when it is reached over loopback, each without a port:
     * those under which a proxy on the same machine passes requests on, where it keeps their {@code
     * Host}. Over loopback all other names but {@code localhost}, {@code 127.0.0.1}, {@code [::1]}
     * and that of {@link #publicOrigin} are refused with 403, since any page can give its own name
     * to this machine.
     *
     * @throws IllegalArgumentException when built, if one is neither a name nor an address
     */
    public Builder allowedHosts(String... hosts) {
      draft.allowedHosts = new LinkedHashSet<>(Arrays.asList(hosts));
      return this;
    }

    /** Sets how often a silent connection hears from us, 10 ms to 5 min; default 15 s. */
    public Builder heartbeat(Duration value) {
      draft.heartbeat =
          EndpointDraft.within("heartbeat", value, Duration.ofMillis(10), Duration.ofMinutes(5));
      return this;
    }

    /** Sets after which time an {@code EventSource} comes back, 1 ms to 1 h; default 2 s. */
    public Builder retry(Duration value) {
      draft.retry = EndpointDraft.within("retry", value, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Sets after which time, give or take a fifth, the stream of a plain {@code EventSource} is
     * ended so that it resumes: else one whose reader has vanished would stay for long. Default 10
     * min; zero for never, else 1 ms to one day.
     */
    public Builder maxPlainStreamAge(Duration value) {
      draft.maxPlainStreamAge =
          value.isZero()
              ? value
              : EndpointDraft.within(
                  "maxPlainStreamAge", value, Duration.ofMillis(1), Duration.ofDays(1));
      return this;
    }

    /**
     * Sets for how long a channel that lost its connection waits for its client, 0 to 1 h; default
     * 60 s. A client of ours that comes back in time goes on with the same channel, so that what it
     * sends again reaches the listener once; the listener hears {@code onConnectionLost} and then
     * {@code onOpen}, or {@code onClosed} when the time is over. As many channels may wait as there
     * may be connections; if there are more, those end first that have waited longest. With zero,
     * without a listener, and where the client is none of ours, a channel ends with its connection.
     */
    public Builder linger(Duration value) {
      draft.linger = EndpointDraft.within("linger", value, Duration.ZERO, Duration.ofHours(1));
      return this;
    }

    /**
     * Sets how many connections there may be; default 20,000. More are told to come back later. At
     * this limit and the next two, who comes back to its channel gets the place of the connection
     * that the channel still has (protocol rule L-3).
     */
    public Builder maxConnections(int value) {
      draft.maxConnections = EndpointDraft.positive("maxConnections", value);
      return this;
    }

    /**
     * Sets how many connections one principal may have; default 100. At the bound the one of whose
     * client nothing was heard for longest makes room, if that is two and a half heartbeats and
     * more: it is ended with 1013 and told to come back a heartbeat later. Without such a one the
     * new one is refused with 429. Who has no principal is not counted.
     */
    public Builder maxConnectionsPerPrincipal(int value) {
      draft.maxConnectionsPerPrincipal =
          EndpointDraft.positive("maxConnectionsPerPrincipal", value);
      return this;
    }

    /**
     * Sets how many connections there may be from one address, or from one /64 network of IPv6;
     * more are refused with 429. Default: no limit, since all who come through one proxy have its
     * address, unless the container is told to take theirs from it.
     */
    public Builder maxConnectionsPerAddress(int value) {
      draft.maxConnectionsPerAddress = EndpointDraft.positive("maxConnectionsPerAddress", value);
      return this;
    }

    /**
     * Sets how often one client may open connections; default: 200 at once, 10 a second. More are
     * refused with 429. A client is a principal, or, for who has none, an address if {@link
     * #maxConnectionsPerAddress} is set; else there is no such limit.
     */
    public Builder openRate(RateLimit value) {
      draft.openRate = Objects.requireNonNull(value, "openRate");
      return this;
    }

    /**
     * Sets how many events the client of one channel may send; default: 5,000 at once, 1,000 a
     * second. What is more is handed to the listener, and acknowledged, once it is within the rate:
     * a POST is answered by 429 until then, the events of a WebSocket message are held, as many as
     * a client may have undecided (protocol rules U-8, L-4). What a client sends beyond that is
     * refused event by event, and the channel goes on. All channels of an endpoint hold 64 MiB at
     * most.
     */
    public Builder upstreamRate(RateLimit value) {
      draft.upstreamRate = Objects.requireNonNull(value, "upstreamRate");
      return this;
    }

    /** Sets how many topics one connection may name; default 64. */
    public Builder maxTopics(int value) {
      draft.maxTopics = EndpointDraft.positive("maxTopics", value);
      return this;
    }

    /** Sets the longest upstream message or POST body, in bytes; default 256 KiB. */
    public Builder maxUpstreamBytes(int value) {
      draft.maxUpstreamBytes = EndpointDraft.positive("maxUpstreamBytes", value);
      return this;
    }

    /** Sets how many bytes of direct sends may wait on one connection; default 64 KiB. */
    public Builder maxDirectBytes(int value) {
      draft.maxDirectBytes = EndpointDraft.positive("maxDirectBytes", value);
      return this;
    }

    /**
     * Returns the endpoint.
     *
     * @throws IllegalArgumentException if an origin is none
     */
    public ChannelEndpoint build() {
      return new ChannelEndpoint(new EndpointEngine(draft));
    }
  }
}
