package io.eventchannel.client;

import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.policy.HeartbeatPolicy;
import io.eventchannel.policy.ReconnectPolicy;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.transport.NetworkMonitor;
import io.eventchannel.transport.Scheduler;
import io.eventchannel.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Opens channels that reconnect and resume. One client serves any number of channels, which share
 * its transports, threads and settings. Thread-safe; no method blocks.
 */
public final class ChannelClient implements AutoCloseable {
  private static final Logger LOGGER = Logger.getLogger("io.eventchannel.client");

  private final ClientSettings settings;
  private final ClientThreads threads;
  private final OpenChannels channels;
  private final AutoCloseable networkWatch;

  // What the application wants; each channel is told after it is written, and asks then.
  private volatile boolean paused;

  private ChannelClient(SettingsDraft draft) {
    threads = new ClientThreads(draft.executor, draft.scheduler);
    channels = new OpenChannels(threads::free);
    settings = new ClientSettings(draft, threads.executor, threads.scheduler);
    networkWatch =
        draft.networkMonitor.start(
            new NetworkMonitor.Listener() {
              @Override
              public void onAvailable() {
                channels.all().forEach(ReconnectingChannel::networkAvailable);
              }

              @Override
              public void onChanged() {
                settings.transports.values().forEach(Transport::networkChanged);
                channels.all().forEach(ReconnectingChannel::networkChanged);
              }
            });
  }

  /** Starts a client; it needs at least one transport. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Opens a channel to all that a feed allows; see {@link #open(ChannelRequest,
   * EventChannelListener)}.
   */
  public EventChannel open(String url, EventChannelListener listener) {
    return open(ChannelRequest.of(url), listener);
  }

  /**
   * Opens a channel. Returns at once; the listener is told when a connection is open, or why there
   * will never be one.
   *
   * @throws IllegalStateException if the client is closed, or the request is a POST and the client
   *     has no SSE transport
   */
  public EventChannel open(ChannelRequest request, EventChannelListener listener) {
    return begin(
        new ReconnectingChannel(
            settingsFor(request),
            request,
            Objects.requireNonNull(listener, "listener"),
            channels::ended));
  }

  /**
   * Opens a channel for a thread that reads its events by waiting for them. Returns at once.
   *
   * @param onGap told, on the reading thread and before the next event, that events are missing
   * @throws IllegalStateException if the client is closed
   */
  public EventIterator iterate(ChannelRequest request, Consumer<? super Gap> onGap) {
    return new EventIterator(this, request, onGap);
  }

  /** Opens a channel whose calls somebody will ask for. */
  ReconnectingChannel read(ChannelRequest request, Turns turns) {
    return begin(new ReconnectingChannel(settingsFor(request), request, turns, channels::ended));
  }

  private ClientSettings settingsFor(ChannelRequest request) {
    if (request.post() != null) {
      return settings.forPost(request.replaysPost());
    }
    return request.blocksWhenFull().isZero() ? settings : settings.forBlocking();
  }

  ClientSettings settings() {
    return settings;
  }

  private ReconnectingChannel begin(ReconnectingChannel channel) {
    channels.add(channel);
    pauseOrResume(channel); // before it begins, so that it makes no attempt while paused
    channel.begin();
    return channel;
  }

  /**
   * Ends all connections and makes no others until {@link #resume}: no socket, no timer, no thread
   * is busy, while channels keep their positions and what waits to be sent. For an application that
   * nobody looks at. Listeners are told {@code onConnectionLost} with a delay of {@link
   * java.time.temporal.ChronoUnit#FOREVER}. What connections have in hand to be sent has an unknown
   * fate then. Idempotent; channels opened meanwhile wait, too.
   */
  public void pause() {
    paused = true;
    channels.all().forEach(this::pauseOrResume);
  }

  /** Connects all channels again after {@link #pause}, each at its position. Idempotent. */
  public void resume() {
    paused = false;
    channels.all().forEach(this::pauseOrResume);
  }

  private void pauseOrResume(ReconnectingChannel channel) {
    channel.pauseOrResume(() -> paused);
  }

  /**
   * Closes all channels, then frees what is the client's own: connections, timers and threads. Each
   * listener still gets its {@code onClosed}. What the caller supplied stays open: the executor,
   * the scheduler, an HTTP client. Idempotent; returns at once.
   */
  @Override
  public void close() {
    List<ReconnectingChannel> open = channels.close();
    if (open == null) {
      return;
    }
    closeSafely(networkWatch);
    open.forEach(ReconnectingChannel::close);
    settings.transports.values().forEach(ChannelClient::closeSafely);
    if (open.isEmpty()) {
      threads.free();
    }
  }

  private static void closeSafely(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception broken) { // the others must be freed all the same
      LOGGER.log(Level.WARNING, "Closing failed: " + resource, broken);
    }
  }

  /** Builds a {@link ChannelClient}. Not thread-safe. */
  public static final class Builder {
    private final SettingsDraft draft = new SettingsDraft();

    private Builder() {}

    /**
     * Adds a transport; the client closes it when it is closed itself. Unless a preference says
     * otherwise, the first one is the best.
     *
     * @throws IllegalArgumentException if there is one of that name already
     */
    public Builder transport(Transport transport) {
      draft.addTransport(transport);
      return this;
    }

    /**
     * Sets which transport to use, and when to go over to another; those it names must be there.
     */
    public Builder transportPreference(TransportPreference value) {
      draft.preference = Objects.requireNonNull(value, "value");
      return this;
    }

    /** Sets when to connect again; {@link ReconnectPolicy#standard()} by default. */
    public Builder reconnectPolicy(ReconnectPolicy policy) {
      draft.reconnectPolicy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /** Sets how long silence is taken for life; {@link HeartbeatPolicy#standard()} by default. */
    public Builder heartbeatPolicy(HeartbeatPolicy policy) {
      draft.heartbeatPolicy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Sets where listeners run; each channel's calls are serial on it. It must have threads of its
     * own: run on the calling thread, a listener would hold up a socket's reader. By default daemon
     * threads, as many as listeners are busy. Never shut down by the client.
     *
     * <p>Close the client before the executor. Once it refuses a task, the channel ends without
     * {@code onClosed}, which nobody could call, and the error reporter is told; stages of {@code
     * send} then complete on the thread that finds out.
     */
    public Builder executor(Executor value) {
      draft.executor = Objects.requireNonNull(value, "value");
      return this;
    }

    /**
     * Sets the longest event to take, in bytes on the wire; 1 MiB by default. Of a binary event,
     * its own bytes count, also where they travel as base64. A longer one ends the channel with
     * {@link io.eventchannel.CloseReason.Kind#LIMIT}.
     */
    public Builder maxEventBytes(int bytes) {
      draft.setMaxEventBytes(bytes);
      return this;
    }

    /**
     * Bounds what waits for a listener, of each channel; 4096 calls and 4 MiB ({@link
     * io.eventchannel.Event#weight()}) by default. At the bound the channel stops reading, and the
     * sender is slowed down.
     */
    public Builder inboundQueue(int count, long bytes) {
      draft.setInboundQueue(count, bytes);
      return this;
    }

    /**
     * Bounds what was sent and is not decided, of each channel; 1024 events and 4 MiB ({@link
     * io.eventchannel.Event#weight()}) by default, 8 MiB at most. At the bound {@code send} fails
     * with {@link io.eventchannel.OutboxFullException}; where a channel asks for {@link
     * ChannelRequest.Builder#blockWhenFull}, it waits before.
     */
    public Builder outbox(int count, long bytes) {
      draft.setOutbox(count, bytes);
      return this;
    }

    /**
     * Bounds each attempt: for so long its credentials may take, and for so long again the
     * connection until it is open; 10 s by default.
     */
    public Builder connectTimeout(Duration timeout) {
      draft.setConnectTimeout(timeout);
      return this;
    }

    /** Adds a header to each connection of each channel. */
    public Builder header(String name, String value) {
      draft.headers.add(Headers.entry(name, value));
      return this;
    }

    /** Sets who supplies the headers that authorise a connection. */
    public Builder credentials(CredentialsProvider provider) {
      draft.credentials = Objects.requireNonNull(provider, "provider");
      return this;
    }

    /** Sets who knows about the network; by default nobody does, and timers do the work. */
    public Builder networkMonitor(NetworkMonitor monitor) {
      draft.networkMonitor = Objects.requireNonNull(monitor, "monitor");
      return this;
    }

    /** Sets who is told when application code fails; {@link ErrorReporter#logging()} by default. */
    public Builder errorReporter(ErrorReporter reporter) {
      draft.errors = Objects.requireNonNull(reporter, "reporter");
      return this;
    }

    /**
     * Sets the clock and the timers; by default those of the system. Never closed by the client.
     */
    public Builder scheduler(Scheduler value) {
      draft.scheduler = Objects.requireNonNull(value, "value");
      return this;
    }

    /** Sets where jitter comes from: numbers in [0, 1), from any thread. */
    public Builder random(DoubleSupplier source) {
      draft.random = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Returns the client.
     *
     * @throws IllegalStateException if there is no transport, or the preference names one that is
     *     not there
     */
    public ChannelClient build() {
      draft.check();
      return new ChannelClient(draft);
    }
  }
}
