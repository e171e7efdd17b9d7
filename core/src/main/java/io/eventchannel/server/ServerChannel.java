package io.eventchannel.server;

import io.eventchannel.Capability;
import io.eventchannel.ChannelClosedException;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.LimitExceededException;
import io.eventchannel.OutboxFullException;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.ControlEvents;
import io.eventchannel.codec.EncodedEvent;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.codec.SseEncoder;
import io.eventchannel.codec.WireFormat;
import java.io.ByteArrayOutputStream;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the server's application sees it. It lives as long as its connection.
 *
 * <p>{@code state} goes forward only, by compare-and-set, and decides who ends it. What the
 * listener is told goes through {@code calls}, one after the other: {@code onOpen} was added before
 * the connection could say anything, {@code onClosed} is added by the one who set CLOSED.
 *
 * <p>There is no lock, since the application has this object and may take its monitor; and the
 * atomics are fields with an updater, since there are as many of these as there are connections.
 */
final class ServerChannel implements EventChannel, Subscription.Peer, Uplink.Decisions {
  private static final AtomicReferenceFieldUpdater<ServerChannel, ChannelState> STATE =
      AtomicReferenceFieldUpdater.newUpdater(ServerChannel.class, ChannelState.class, "state");
  private static final AtomicReferenceFieldUpdater<ServerChannel, Uplink> UPLINK =
      AtomicReferenceFieldUpdater.newUpdater(ServerChannel.class, Uplink.class, "uplink");

  private static final String AGAIN = "credentials to be presented again";

  private final String id;
  private final String transport;
  private final @Nullable String principal;
  private final @Nullable EventChannelListener listener;
  private final ListenerCalls calls;
  private final UpstreamLimits upstreamLimits;
  private final Consumer<ServerChannel> whenEnded;

  private volatile ChannelState state = ChannelState.OPEN;

  // Null until the client sends something, which most of many clients never do; then always the
  // same.
  private volatile @Nullable Uplink uplink;

  // Written by attach(), before anybody else knows the channel. The topics are null if they are
  // those that the connection reads: nearly always, and then nobody has to keep a second set.
  private @Nullable Subscription subscription;
  private @Nullable Set<String> topics;

  ServerChannel(
      String id,
      String transport,
      Set<String> topics,
      @Nullable String principal,
      @Nullable EventChannelListener listener,
      UpstreamLimits upstreamLimits,
      ListenerCalls calls,
      Consumer<ServerChannel> whenEnded) {
    this.id = id;
    this.transport = transport;
    this.topics = topics;
    this.principal = principal;
    this.listener = listener;
    this.calls = calls;
    this.upstreamLimits = upstreamLimits;
    this.whenEnded = whenEnded;
  }

  /** Gives the channel its connection; before it is registered. */
  void attach(Subscription to) {
    subscription = to;
    if (to.reading().topics().equals(topics)) {
      topics = null;
    }
    EventChannelListener told = listener;
    if (told != null) {
      calls.add(() -> told.onOpen(this));
    }
  }

  /** Its connection. */
  Subscription connection() {
    return subscription();
  }

  private Subscription subscription() {
    Subscription current = subscription;
    if (current == null) {
      throw new IllegalStateException("channel " + id + " is not attached yet");
    }
    return current;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public ChannelState state() {
    return state;
  }

  boolean isOpen() {
    return state == ChannelState.OPEN;
  }

  @Override
  public @Nullable String transport() {
    return transport;
  }

  @Override
  public Set<String> topics() {
    Set<String> others = topics;
    return others == null ? subscription().reading().topics() : others;
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
    if (!isOpen()) {
      return false;
    }
    switch (capability) {
      case SEND:
      case RESUME:
        return true;
      case BINARY:
        return subscription().format().carriesBinary();
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
  public CompletionStage<Void> send(Event event) {
    FieldRules.checkApplicationEvent(event);
    CompletableFuture<Void> result = new CompletableFuture<>();
    if (!isOpen()) {
      result.completeExceptionally(new ChannelClosedException("channel " + id + " is closed"));
      return result;
    }
    Subscription to = subscription();
    if (event.isBinary() && !to.format().carriesBinary()) {
      result.completeExceptionally(
          new UnsupportedOperationException(
              "binary event: the connection lacks the capability " + Capability.BINARY));
      return result;
    }
    // Not in the log, so no ID: the client's position must not move.
    byte[] bytes = new EncodedEvent(event.withId(null)).bytes(to.format());
    ControlQueue.DirectSend send =
        new ControlQueue.DirectSend() {
          @Override
          public void handed() {
            calls.add(() -> result.complete(null));
          }

          @Override
          public void lost() {
            calls.add(
                () ->
                    result.completeExceptionally(
                        new ChannelClosedException(
                            "channel " + id + " closed before the event was sent")));
          }
        };
    if (to.controls().offerDirect(bytes, event.isBinary(), send)) {
      to.wake();
    } else {
      result.completeExceptionally(
          new OutboxFullException("direct sends: no room for " + bytes.length + " bytes more"));
    }
    return result;
  }

  @Override
  public void close(int code, String reason) {
    CloseRules.checkApplicationClose(code, reason);
    uplink().end(); // the application wants to hear nothing more but the end
    if (STATE.compareAndSet(this, ChannelState.OPEN, ChannelState.CLOSING)) {
      Subscription current = subscription();
      byte[] last = goodbye(current.format(), code, reason, 0);
      current.end(code, reason, CloseReason.local(code, reason), last);
    }
  }

  /** Ends the connection with a code that lets the client come back after a delay. */
  void goAway(String text, long delayMillis) {
    Subscription current = subscription();
    CloseReason reason = CloseReason.of(CloseReason.Kind.LOCAL, text);
    current.end(1001, text, reason, goodbye(current.format(), 1001, text, delayMillis));
  }

  /** Ends the connection to make room for another one of its principal. */
  void makeRoom(String text, long delayMillis) {
    Subscription current = subscription();
    CloseReason reason = CloseReason.local(1013, text);
    current.end(1013, text, reason, goodbye(current.format(), 1013, text, delayMillis));
  }

  /** The client was heard of by a POST. */
  void heard() {
    subscription().heard();
  }

  /** Ends the connection since its credentials may be worth less now. */
  void revoke() {
    endPermission(AGAIN);
  }

  @Override
  public void expired() {
    endPermission(Authorizations.EXPIRED);
  }

  private void endPermission(String why) {
    Uplink from = uplink();
    from.end(); // nothing more is taken from it
    from.fail(); // nor answered: what is answered goes before the end, and would put it off
    Subscription current = subscription();
    CloseReason reason = CloseReason.local(4001, why);
    current.end(4001, why, reason, goodbye(current.format(), 4001, why, 0));
  }

  /** The last words on a connection: on SSE they carry the code, on WebSocket only a delay. */
  static byte[] goodbye(WireFormat format, int code, String reason, long delayMillis) {
    if (!format.isSse() && delayMillis == 0) {
      return Ending.SILENT;
    }
    byte[] event = new EncodedEvent(ControlEvents.goodbye(code, reason, delayMillis)).bytes(format);
    if (!format.isSse()) {
      return event;
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream(event.length + 32);
    if (delayMillis > 0) {
      both.writeBytes(SseEncoder.retry(delayMillis));
    }
    both.writeBytes(event);
    return both.toByteArray();
  }

  /** Looks at the clock. */
  void tick(long now) {
    subscription().tick(now);
  }

  // ---- what comes over a WebSocket; the container's thread

  @Override
  public void received(byte[] frame) {
    Uplink from = uplink();
    if (from.isBroken()) {
      return; // from a peer that broke the rules (RFC 6455, section 7.1.7), or may send no more
    }
    Uplink.Outcome outcome = from.take(frame, this);
    Subscription current = subscription();
    for (Uplink.Refusal refusal : outcome.refusals) {
      refused(refusal);
    }
    decided(from.ack());
    if (outcome.hole > 0) {
      fail(4400, "sequence hole: expected " + outcome.hole);
    } else if (outcome.broken instanceof LimitExceededException) {
      fail(1009, outcome.broken.getMessage());
    } else if (outcome.broken != null) {
      fail(1007, outcome.broken.getMessage());
    } else if (!outcome.waits) {
      current.wake();
    }
  }

  private void fail(int code, @Nullable String text) {
    uplink().fail();
    String line = OneLine.of(text);
    CloseReason.Kind kind = code == 1009 ? CloseReason.Kind.LIMIT : CloseReason.Kind.PROTOCOL;
    subscription().end(code, line, CloseReason.of(kind, line), Ending.SILENT);
  }

  @Override
  public void refused(Uplink.Refusal refusal) {
    Subscription to = subscription();
    if (!to.controls().offer(ControlEvents.refused(refusal.seq, refusal.reason))
        && !to.hasEnded()) {
      // It sends without reading the answers.
      to.condemn(CloseReason.of(CloseReason.Kind.LIMIT, "unread refusals exceed the reserve"));
    }
  }

  @Override
  public void decided(long ack) {
    Subscription to = subscription();
    to.controls().ack(ack);
    to.wake();
  }

  @Override
  public void ended(Subscription which, CloseReason reason) {
    ChannelState before = STATE.getAndSet(this, ChannelState.CLOSED);
    if (before == ChannelState.CLOSED) {
      return;
    }
    EventChannelListener told = listener;
    if (told != null) {
      calls.add(
          () -> {
            // A message that was on its way in when the connection ended comes after this.
            uplink().end();
            told.onClosed(this, reason);
          });
    }
    // Afterwards, since the end of the last channel may end the executor of the calls.
    whenEnded.accept(this);
  }

  @Override
  public String toString() {
    return "ServerChannel{" + id + " over " + transport + ", " + state + "}";
  }
}
