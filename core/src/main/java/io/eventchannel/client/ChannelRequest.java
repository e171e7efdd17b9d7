package io.eventchannel.client;

import io.eventchannel.CursorStore;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.PostBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which feed a channel shall follow, from where, and how it introduces itself. Immutable. */
public final class ChannelRequest {
  private final String url;
  private final Set<String> topics;
  private final @Nullable String lastEventId;
  private final CursorStore cursorStore;
  private final boolean manualCommit;
  private final List<Map.Entry<String, String>> headers;
  private final @Nullable PostBody post;
  private final boolean replaysPost;
  private final boolean sendsAtMostOnce;
  private final Duration blocksWhenFull;

  private ChannelRequest(Builder builder) {
    this.url = builder.url;
    this.topics = Collections.unmodifiableSet(new LinkedHashSet<>(builder.topics));
    this.lastEventId = builder.lastEventId;
    this.cursorStore = builder.cursorStore;
    this.manualCommit = builder.manualCommit;
    this.headers = Collections.unmodifiableList(new ArrayList<>(builder.headers));
    this.post = builder.post;
    this.replaysPost = builder.replaysPost;
    this.sendsAtMostOnce = builder.sendsAtMostOnce;
    this.blocksWhenFull = builder.blocksWhenFull;
  }

  /** Returns the request for all that a feed allows, from now on. */
  public static ChannelRequest of(String url) {
    return builder(url).build();
  }

  /** Starts a request; the URL's scheme is http, https, ws or wss, whatever the transport. */
  public static Builder builder(String url) {
    return new Builder(url);
  }

  /** The feed's URL, without the topics added here. */
  public String url() {
    return url;
  }

  /** The topics; empty means those the URL names, or all that the server allows. */
  public Set<String> topics() {
    return topics;
  }

  /** Where to begin, or null to begin where the cursor store says. */
  public @Nullable String lastEventId() {
    return lastEventId;
  }

  /** Where the channel keeps its position. */
  public CursorStore cursorStore() {
    return cursorStore;
  }

  /** Whether events are handled when the application commits them, not when its call returned. */
  public boolean isManualCommit() {
    return manualCommit;
  }

  /** Headers of this channel's connections, in order; they come after the client's. */
  public List<Map.Entry<String, String>> headers() {
    return headers;
  }

  /** The body of the POST that opens the channel's stream; null if it is opened by GET. */
  public @Nullable PostBody post() {
    return post;
  }

  /** Whether a channel that was opened by POST may send it again. */
  public boolean replaysPost() {
    return replaysPost;
  }

  /** Whether an event that is sent must not be taken twice, at the price of not knowing. */
  public boolean sendsAtMostOnce() {
    return sendsAtMostOnce;
  }

  /** How long {@code send} may wait while the outbox is full; zero for not at all. */
  public Duration blocksWhenFull() {
    return blocksWhenFull;
  }

  /** Whether the request must not reach a server twice (protocol rule R-10). */
  boolean isOnce() {
    return post != null && !replaysPost;
  }

  /** Describes a connection of a channel that stands there. */
  ConnectRequest describe(
      ClientSettings settings,
      List<Map.Entry<String, String>> allHeaders,
      @Nullable String channelId,
      String position) {
    return describe(settings, connectUrl(), allHeaders, channelId, position);
  }

  /** Describes a probe (protocol rule F-6); it names the topics, so that it is authorised alike. */
  ConnectRequest describeProbe(
      ClientSettings settings, List<Map.Entry<String, String>> allHeaders) {
    String feed = connectUrl();
    String probe = feed + (feed.indexOf('?') < 0 ? '?' : '&') + "probe=1";
    return describe(settings, probe, allHeaders, null, "");
  }

  private ConnectRequest describe(
      ClientSettings settings,
      String connectUrl,
      List<Map.Entry<String, String>> allHeaders,
      @Nullable String channelId,
      String position) {
    return new ConnectRequest(
            connectUrl,
            allHeaders,
            channelId,
            position,
            settings.connectTimeoutNanos,
            settings.maxEventBytes)
        .withPost(post);
  }

  /** The URL with the topics in its query (protocol rule T-2); they need no escapes. */
  String connectUrl() {
    StringBuilder whole = new StringBuilder(url);
    int fragment = url.indexOf('#');
    if (fragment >= 0) {
      whole.setLength(fragment);
    }
    char separator = whole.indexOf("?") < 0 ? '?' : '&';
    for (String topic : topics) {
      whole.append(separator).append("topic=").append(topic);
      separator = '&';
    }
    return whole.toString();
  }

  /** Leaves user, query, headers and body out: they may hold credentials. */
  @Override
  public String toString() {
    return "ChannelRequest{" + ConnectRequest.redact(url) + " " + topics + "}";
  }

  /** Builds a {@link ChannelRequest}. Not thread-safe. */
  public static final class Builder {
    private static final Duration LONGEST_BLOCK = Duration.ofDays(1);

    private final String url;
    private final Set<String> topics = new LinkedHashSet<>();
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private @Nullable String lastEventId;
    private CursorStore cursorStore = CursorStore.none();
    private boolean manualCommit;
    private @Nullable PostBody post;
    private boolean replaysPost;
    private boolean sendsAtMostOnce;
    private Duration blocksWhenFull = Duration.ZERO;

    private Builder(String url) {
      this.url = Objects.requireNonNull(url, "url");
    }

    /**
     * Adds a topic.
     *
     * @throws IllegalArgumentException if it is not {@code [A-Za-z0-9._:/-]{1,200}} (protocol rule
     *     T-1)
     */
    public Builder topic(String topic) {
      if (!FieldRules.isTopic(topic)) {
        throw new IllegalArgumentException(
            "topic: expected [A-Za-z0-9._:/-]{1,200}, got "
                + topic.length()
                + " characters: "
                + topic);
      }
      topics.add(topic);
      return this;
    }

    /** Adds topics; see {@link #topic}. */
    public Builder topics(Collection<String> all) {
      all.forEach(this::topic);
      return this;
    }

    /**
     * Begins after this event, whatever the cursor store says; null means not so.
     *
     * @throws IllegalArgumentException if it is longer than 4096 characters
     */
    public Builder lastEventId(@Nullable String id) {
      if (id != null && Positions.isTooLong(id)) {
        throw new IllegalArgumentException(Positions.tooLong(id));
      }
      lastEventId = id;
      return this;
    }

    /** Keeps the position of the channel in a store. By default it is forgotten. */
    public Builder cursorStore(CursorStore store) {
      cursorStore = Objects.requireNonNull(store, "store");
      return this;
    }

    /**
     * Lets the application say which events are handled, by {@link
     * io.eventchannel.EventChannel#commit}: for one that hands events on to other threads, or
     * stores many at a time. By default an event is handled when the listener returned from it.
     */
    public Builder manualCommit() {
      manualCommit = true;
      return this;
    }

    /** Adds a header to each connection. */
    public Builder header(String name, String value) {
      headers.add(Headers.entry(name, value));
      return this;
    }

    /**
     * Opens the stream by POST with this body, as language models and query services are asked. The
     * channel then goes over SSE alone, whatever the client prefers, and {@code send} is
     * unsupported. Redirects are not followed.
     *
     * <p>The POST reaches a server at most once (protocol rule R-10). The {@code ReconnectPolicy}
     * is asked only while no socket came about: the connection was refused, or there was no route
     * or no such host. After that the first loss ends the channel with {@code onClosed} and that
     * loss as its reason; the end of the answer reads as {@link
     * io.eventchannel.CloseReason.Kind#END_OF_STREAM}. So does a timeout: where a server thinks for
     * long before it answers, raise {@link ChannelClient.Builder#connectTimeout}, and where it
     * thinks for minutes in between, {@link ChannelClient.Builder#heartbeatPolicy}.
     *
     * @param contentType the value of {@code Content-Type}
     * @throws IllegalArgumentException if the body is longer than 32 MiB, or the content type holds
     *     CR, LF or NUL
     */
    public Builder post(byte[] body, String contentType) {
      post = new PostBody(body, Objects.requireNonNull(contentType, "contentType"));
      return this;
    }

    /**
     * Lets the channel reconnect as one opened by GET does: the POST is sent again, with {@code
     * Last-Event-ID} once there is one. Only for a server that resumes an answer rather than
     * beginning a second one.
     */
    public Builder replayPost() {
      replaysPost = true;
      return this;
    }

    /**
     * Never sends an event to another channel of the server than the one that may have taken it.
     * After a server has forgotten the channel, since it was restarted or the client stayed away
     * for too long, {@code send} then fails with {@link io.eventchannel.DeliveryUnknownException}
     * for what was not acknowledged. By default such events are sent again, and their {@link
     * io.eventchannel.Receipt} says {@code AT_LEAST_ONCE}.
     */
    public Builder sendAtMostOnce() {
      sendsAtMostOnce = true;
      return this;
    }

    /**
     * Lets {@code send} block while the outbox is full ({@link ChannelClient.Builder#outbox}), for
     * a thread that produces more than the server takes and may stand still meanwhile. By default
     * it is refused at once with {@link io.eventchannel.OutboxFullException}. Never ask for it on a
     * channel that a user interface's thread sends over.
     *
     * <p>Whoever waits is let in by the order of the calls, a long event before the short ones
     * behind it, and {@code send} then returns the stage of its event. It returns one that has
     * failed, and the event is certainly not sent,
     *
     * <ul>
     *   <li>with {@code OutboxFullException} if there is no room in time, if the thread is
     *       interrupted while it would have to wait (the cause is an {@link InterruptedException};
     *       the interrupt flag is kept), and at once for an event that alone is over the bound;
     *   <li>with {@link io.eventchannel.ChannelClosedException} as soon as the channel ends.
     * </ul>
     *
     * <p>In a callback of this channel nothing waits, since what makes room may be waiting for that
     * callback to return: in a call of its listener, its error reporter, its cursor store, its
     * credentials provider, or a dependent of one of its sends, {@code send} is refused at once
     * while there is no room or another thread waits. The thread that reads an {@link
     * EventIterator} does wait, also in the cursor store that it saves a position to; if it stays
     * away so long that reading stops, room may come only when it is back, so let another one send.
     * {@link ChannelClient#pause} ends no wait.
     *
     * @param atMost how long one call may wait, by the client's clock: more than zero, and at most
     *     a day
     * @throws IllegalArgumentException if it is outside these bounds
     */
    public Builder blockWhenFull(Duration atMost) {
      if (atMost.isNegative() || atMost.isZero() || atMost.compareTo(LONGEST_BLOCK) > 0) {
        throw new IllegalArgumentException(
            "blockWhenFull: expected more than 0 and at most 1 day, got " + atMost);
      }
      blocksWhenFull = atMost;
      return this;
    }

    /**
     * Returns the request.
     *
     * @throws IllegalStateException if {@link #replayPost} was asked for without {@link #post}
     */
    public ChannelRequest build() {
      if (replaysPost && post == null) {
        throw new IllegalStateException("replayPost: expected a post to send again, got none");
      }
      return new ChannelRequest(this);
    }
  }
}
