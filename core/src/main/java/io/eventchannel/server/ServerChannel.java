package io.eventchannel.server;

import io.eventchannel.Capability;
import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.FieldRules;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the server's application sees it. It outlives its connections where its client may
 * come back to it, and ends with its connection otherwise.
 *
 * <p>Its state, its connection and what the listener is told of them change together, under the
 * monitor of {@code calls}, which no application has; calls are added under it and made outside.
 * Once the state is CLOSING or CLOSED no other connection is attached. What the listener is told
 * goes through {@code calls}, one after the other: {@code onOpen} was added before the connection
 * could say anything, {@code onClosed} is added by the one who set CLOSED, and is the last.
 */
final class ServerChannel implements EventChannel, Subscription.Peer {
  /** Who keeps it; thread-safe. */
  interface Home {
    /**
     * Whether the channel may wait for its client, and for how long; null if it may not. It then
     * begins to. The monitor of the channel's calls is held.
     */
    @Nullable Duration keep(ServerChannel channel, CloseReason lost);

    /** The channel waits no more. The monitor of the channel's calls is held. */
    void forget(ServerChannel channel);

    /** Another connection has taken the place of this one, which was told to end. */
    void replaced(Subscription connection);

    /** A connection has ended; the listener's call, if there is one, was added before. */
    void disconnected(Subscription connection, @Nullable String principal);

    /** The channel is over. */
    void ended(ServerChannel channel);
  }

  /** Why a connection ends whose channel has got another one (protocol rule A-3). */
  static final CloseReason REPLACED =
      CloseReason.local(4002, "another connection took the channel over");

  private static final AtomicReferenceFieldUpdater<ServerChannel, Uplink> UPLINK =
      AtomicReferenceFieldUpdater.newUpdater(ServerChannel.class, Uplink.class, "uplink");

  private static final String AGAIN = "credentials to be presented again";

  private final String id;
  private final @Nullable String principal;
  private final @Nullable EventChannelListener listener;
  private final ListenerCalls calls;
  private final UpstreamLimits upstreamLimits;
  private final boolean returns;
  private final Home home;

  // Written under the monitor of the calls. The subscription is null while there is none. The
  // topics are null if they are those that the connection reads: nearly always, and then nobody has
  // to keep a second set.
  private volatile ChannelState state = ChannelState.OPEN;
  private volatile @Nullable Subscription subscription;
  private @Nullable Set<String> topics; // guarded by it, too
  private List<Subscription> leaving = List.of(); // guarded by it, too: replaced, not told so yet
  private volatile @Nullable String transport;

  // Null until the client sends something, which most of many clients never do; then always the
  // same.
  private volatile @Nullable Uplink uplink;

  /**
   * Creates one, which is to be attached to its first connection.
   *
   * @param returns whether its client may come back to it over another connection
   */
  ServerChannel(
      String id,
      @Nullable String principal,
      @Nullable EventChannelListener listener,
      UpstreamLimits upstreamLimits,
      boolean returns,
      ListenerCalls calls,
      Home home) {
    this.id = id;
    this.principal = principal;
    this.listener = listener;
    this.calls = calls;
    this.upstreamLimits = upstreamLimits;
    this.returns = returns;
    this.home = home;
  }

  /**
   * Gives the channel a connection, before that is registered; false if the channel is over. A
   * connection that it still has is ended, with a code that lets its client come back: a request
   * that was held up somewhere may come after the one that was made later, and then it is the wrong
   * one that ends.
   */
  boolean attach(Subscription to, Set<String> asked) {
    Subscription before;
    synchronized (calls) {
      if (state == ChannelState.CLOSING || state == ChannelState.CLOSED) {
        return false;
      }
      before = subscription;
      if (state == ChannelState.WAITING) {
        home.forget(this);
      } else if (before != null) {
        CloseReason ending = before.endReason(); // where it was about to end anyway
        CloseReason reason = ending != null ? ending : REPLACED;
        tell(told -> told.onConnectionLost(this, reason, Duration.ZERO));
        leaving =
            Stream.concat(leaving.stream(), Stream.of(before))
                .collect(Collectors.toUnmodifiableList());
      }
      topics = to.reading().topics().equals(asked) ? null : asked;
      subscription = to;
      transport = ConnectionMetrics.transportOf(to.format());
      state = ChannelState.OPEN;
      tell(told -> told.onOpen(this));
    }
    calls.start();
    if (before != null) {
      end(before, REPLACED.code(), REPLACED.text(), REPLACED);
      synchronized (calls) {
        leaving =
            leaving.stream().filter(s -> s != before).collect(Collectors.toUnmodifiableList());
      }
      home.replaced(before);
    }
    return true;
  }

  /** Adds a call of the listener; the monitor of the calls is held. */
  private void tell(Consumer<EventChannelListener> call) {
    EventChannelListener told = listener;
    if (told != null) {
      calls.enqueue(() -> call.accept(told));
    }
  }

  /**
   * Whether it was opened by the principal of that name, null being nobody: a channel that nobody
   * opened is anybody's who knows its ID and is nobody himself.
   */
  boolean belongsTo(@Nullable String name) {
    return Objects.equals(principal, name);
  }

  /** Its connection; null while it has none. */
  @Nullable Subscription connection() {
    return subscription;
  }

  /** Whether its client may attach another connection to it now. */
  boolean isAttachable() {
    ChannelState now = state;
    return returns && (now == ChannelState.OPEN || now == ChannelState.WAITING);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public ChannelState state() {
    return state;
  }

  /** Its connection while it is open, else null. */
  private @Nullable Subscription ifOpen() {
    return state == ChannelState.OPEN ? subscription : null;
  }

  @Override
  public @Nullable String transport() {
    return transport;
  }

  @Override
  public Set<String> topics() {
    synchronized (calls) {
      Set<String> others = topics;
      return others != null
          ? others
          : Objects.requireNonNull(subscription, "subscription").reading().topics();
    }
  }

  @Override
  public @Nullable String lastEventId() {
    return null;
  }

  @Override
  public void commit(String lastEventId) {
    throw new UnsupportedOperationException("commit: a server's channel has no position");
  }

  @Override
  public boolean supports(Capability capability) {
    Subscription current = ifOpen();
    if (current == null) {
      return false;
    }
    switch (capability) {
      case SEND:
      case RESUME:
        return true;
      case BINARY:
        return current.format().carriesBinary();
    }
    return false;
  }

  /** Who opened it, by name; null for nobody. */
  @Nullable String principal() {
    return principal;
  }

  /** What its client sends; made at the first call. */
  Uplink uplink() {
    Uplink known = uplink;
    if (known == null) {
      known = new Uplink(this, listener, calls, upstreamLimits);
      if (!UPLINK.compareAndSet(this, null, known)) {
        known = Objects.requireNonNull(uplink);
      }
    }
    return known;
  }

  ListenerCalls calls() {
    return calls;
  }

  @Override
  public CompletionStage<Receipt> send(Event event) {
    FieldRules.checkApplicationEvent(event);
    CompletableFuture<Receipt> result = new CompletableFuture<>();
    Subscription to = ifOpen();
    if (to == null || to.hasExpired()) {
      boolean over = state == ChannelState.CLOSING || state == ChannelState.CLOSED;
      String why = over ? " is closed" : " has no connection now";
      result.completeExceptionally(new ChannelClosedException("channel " + id + why));
      return result;
    }
    DirectSending.send(id, to, event, calls, result);
    return result;
  }

  @Override
  public void close(int code, String reason) {
    CloseRules.checkApplicationClose(code, reason);
    uplink().end(); // the application wants to hear nothing more but the end
    endForGood(code, reason);
  }

  /** The client was heard of by a POST. */
  void heard() {
    Subscription current = subscription;
    if (current != null) {
      current.heard();
    }
  }

  /** Ends the channel since its client's credentials may be worth less now. */
  void revoke() {
    Uplink from = uplink();
    from.fail(); // first: what nobody hears any more is not answered either, but sent again
    from.end();
    endForGood(Ending.CREDENTIALS, AGAIN);
  }

  /**
   * Ends the channel, and its connection if it has one, for a reason of this side. That it is
   * closing already is no promise that the connection it has now was told so; and one that was
   * replaced writes on until it is told, by whoever comes first.
   */
  private void endForGood(int code, String text) {
    CloseReason reason = CloseReason.local(code, text);
    Subscription current;
    List<Subscription> replaced;
    boolean waited = false;
    synchronized (calls) {
      replaced = leaving;
      current = subscription;
      if (current != null) {
        state = ChannelState.CLOSING;
      } else if (state == ChannelState.WAITING) {
        home.forget(this);
        closed(reason);
        waited = true;
      }
    }
    replaced.forEach(before -> end(before, code, text, reason));
    if (current != null) {
      end(current, code, text, reason);
    } else if (waited) {
      calls.start();
      home.ended(this);
    }
  }

  private static void end(Subscription connection, int code, String text, CloseReason reason) {
    connection.end(code, text, reason, Ending.lastWords(connection.format(), code, text, 0));
  }

  /** Ends the connection with a code that lets the client come back after a delay, elsewhere. */
  void goAway(String text, long delayMillis) {
    CloseReason reason = CloseReason.of(CloseReason.Kind.LOCAL, text);
    Subscription current = subscription;
    if (current != null) {
      current.end(1001, text, reason, Ending.lastWords(current.format(), 1001, text, delayMillis));
    }
    giveUp(
        reason,
        () -> {
          home.forget(this);
          return true;
        });
  }

  /**
   * Ends the channel if it waits for its client.
   *
   * @param forgotten makes its home forget it; returns false if it waits anew since it was decided
   *     that the wait is over. Called under the monitor of the calls
   */
  void giveUp(CloseReason reason, BooleanSupplier forgotten) {
    synchronized (calls) {
      if (state != ChannelState.WAITING || !forgotten.getAsBoolean()) {
        return;
      }
      closed(reason);
    }
    calls.start();
    home.ended(this);
  }

  /** The monitor of the calls is held. */
  private void closed(CloseReason reason) {
    state = ChannelState.CLOSED;
    tell(
        told -> {
          // A message that was on its way in when the connection ended comes after this.
          uplink().end();
          told.onClosed(this, reason);
        });
  }

  /** Looks at the clock. */
  void tick(long now) {
    Subscription current = subscription;
    if (current != null) {
      current.tick(now);
    }
  }

  /** The number up to which a client that attaches need not send again. */
  long ackForReturn() {
    Uplink known = uplink;
    return known == null ? 0 : known.ackForReturn();
  }

  @Override
  public void received(Subscription over, byte[] frame) {
    if (over == subscription) { // and not of a connection that was replaced
      new SocketUpstream(this).take(over, frame);
    }
  }

  /** A connection broke the rules of the protocol, and ends; so does the channel, if it has it. */
  void fail(Subscription over, int code, @Nullable String text) {
    boolean current;
    synchronized (calls) {
      // Another connection may have taken the place of this one while its message was read.
      current = over == subscription;
      if (current && state == ChannelState.OPEN) {
        state = ChannelState.CLOSING; // numbers that went wrong once do not come right again
      }
    }
    if (current) {
      uplink().fail();
    }
    String line = OneLine.of(text);
    CloseReason.Kind kind = code == 1009 ? CloseReason.Kind.LIMIT : CloseReason.Kind.PROTOCOL;
    over.end(code, line, CloseReason.of(kind, line), Ending.SILENT);
  }

  @Override
  public void ended(Subscription which, CloseReason reason) {
    boolean over = false;
    synchronized (calls) {
      if (which == subscription) {
        topics = topics();
        subscription = null;
        Duration wait = returns && state == ChannelState.OPEN ? home.keep(this, reason) : null;
        over = wait == null;
        if (wait == null) {
          closed(reason);
        } else {
          state = ChannelState.WAITING;
          tell(told -> told.onConnectionLost(this, reason, wait));
        }
      }
    }
    calls.start();
    // Afterwards, since the end of the last connection may end the executor of the calls.
    if (over) {
      home.ended(this);
    }
    home.disconnected(which, principal);
  }

  @Override
  public String toString() {
    return "ServerChannel{" + id + " over " + transport + ", " + state + "}";
  }
}
