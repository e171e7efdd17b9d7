package io.eventchannel.client;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.CursorStore;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Receipt;
import io.eventchannel.codec.CloseRules;
import io.eventchannel.codec.FieldRules;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A client's channel as the application holds it: reads the stored position, then lets {@link
 * ChannelEngine} run, and tells what comes of it to the application's own code.
 */
final class ReconnectingChannel implements EventChannel, Delivery.Target {
  private static final Logger LOGGER = Logger.getLogger("io.eventchannel.client");

  private final ClientSettings settings;
  private final ChannelRequest request;
  private final EventChannelListener listener;
  private final @Nullable Turns turns;
  private final Consumer<? super ReconnectingChannel> onEnded;
  private final ChannelEngine engine;

  ReconnectingChannel(
      ClientSettings settings,
      ChannelRequest request,
      EventChannelListener listener,
      Consumer<? super ReconnectingChannel> onEnded) {
    this(settings, request, listener, null, onEnded);
  }

  /** Creates one that is read by asking for turns. */
  ReconnectingChannel(
      ClientSettings settings,
      ChannelRequest request,
      Turns turns,
      Consumer<? super ReconnectingChannel> onEnded) {
    this(settings, request, turns, turns, onEnded);
  }

  private ReconnectingChannel(
      ClientSettings settings,
      ChannelRequest request,
      EventChannelListener listener,
      @Nullable Turns turns,
      Consumer<? super ReconnectingChannel> onEnded) {
    this.settings = settings;
    this.request = request;
    this.listener = listener;
    this.turns = turns;
    this.onEnded = onEnded;
    this.engine = new ChannelEngine(settings, request, this, turns);
  }

  /** Reads the stored position if there is one, and makes the first attempt. */
  void begin() {
    if (request.lastEventId() != null || request.cursorStore() == CursorStore.none()) {
      engine.begin(request.lastEventId());
      return;
    }
    try {
      settings.executor.execute(this::beginAtStoredPosition);
    } catch (RejectedExecutionException refused) {
      unreachable(refused);
    }
  }

  private void beginAtStoredPosition() {
    String stored;
    try {
      stored = request.cursorStore().load();
    } catch (Throwable broken) { // an Error must not leave a channel that never begins
      // To begin without the position would skip events in silence.
      engine.close(
          CloseReason.of(CloseReason.Kind.APPLICATION, "the cursor store failed to load", broken));
      return;
    }
    if (stored != null && Positions.isTooLong(stored)) {
      engine.close(
          CloseReason.of(
              CloseReason.Kind.APPLICATION, "the cursor store: " + Positions.tooLong(stored)));
      return;
    }
    engine.begin(stored);
  }

  @Override
  public @Nullable String id() {
    return engine.channelId();
  }

  @Override
  public ChannelState state() {
    return engine.state();
  }

  @Override
  public @Nullable String transport() {
    return engine.transport();
  }

  @Override
  public Set<String> topics() {
    return request.topics();
  }

  @Override
  public @Nullable String lastEventId() {
    return engine.handledPosition();
  }

  @Override
  public boolean supports(Capability capability) {
    return (request.post() == null || capability == Capability.RESUME)
        && engine.supports(capability);
  }

  @Override
  public CompletionStage<Receipt> send(Event event) {
    FieldRules.checkApplicationEvent(event);
    return request.post() == null
        ? engine.send(event)
        : Upstream.failed(
            new UnsupportedOperationException(
                "send: a channel that a POST opened goes one way only"));
  }

  @Override
  public void commit(String lastEventId) {
    Positions.checkCommitted(lastEventId);
    engine.commit(lastEventId);
  }

  @Override
  public void close(int code, String reason) {
    CloseRules.checkApplicationClose(code, reason);
    engine.close(CloseReason.local(code, reason));
    if (turns != null) {
      turns.closed(); // last, since what is still to be told must be the end alone
    }
  }

  void networkAvailable() {
    engine.networkAvailable();
  }

  void networkChanged() {
    engine.networkChanged();
  }

  void pauseOrResume(BooleanSupplier paused) {
    engine.pauseOrResume(paused);
  }

  // ---- what deliveries need; the engine's lock is not held ----

  @Override
  public void tell(Inbound call) {
    call.tell(listener, this);
  }

  @Override
  public void report(Throwable error) {
    settings.makeCall(() -> tellReporter(error));
  }

  private void tellReporter(Throwable error) {
    try {
      settings.errors.onError(this, error);
    } catch (Throwable broken) { // it would jam whatever wanted to report
      LOGGER.log(Level.WARNING, "The error reporter failed on " + this, broken);
      LOGGER.log(Level.WARNING, "It was told of", error);
    }
  }

  @Override
  public void ended() {
    onEnded.accept(this);
  }

  @Override
  public void unreachable(RejectedExecutionException refused) {
    report(refused);
    engine.close(
        CloseReason.of(CloseReason.Kind.APPLICATION, "the executor takes no more tasks", refused));
    engine.terminalCallBegins(); // and ends: nobody can make it
    onEnded.accept(this);
  }

  @Override
  public String toString() {
    return "EventChannel{" + request + ", id=" + id() + "}";
  }
}
