package io.eventchannel.client;

import io.eventchannel.ChannelState;
import io.eventchannel.CloseReason;
import io.eventchannel.transport.Connection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one link of a channel that counts, from its attempt to its loss. Guarded by the channel's
 * lock; connections are called once that is released.
 */
final class CurrentLink {
  private final ChannelEngine engine;
  private final Intake intake;
  private final ClientState state;
  private final ClientSettings settings;
  private final ChannelRequest request;
  private final CallOuts callOuts;
  private @Nullable Link link;

  CurrentLink(
      ChannelEngine engine,
      Intake intake,
      ClientState state,
      ClientSettings settings,
      ChannelRequest request,
      CallOuts callOuts) {
    this.engine = engine;
    this.intake = intake;
    this.state = state;
    this.settings = settings;
    this.request = request;
    this.callOuts = callOuts;
  }

  /** Makes an attempt, as the state says. */
  void connect() {
    CloseReason told = state.toldToProvider();
    Link next = new Link(engine, intake, state.generation(), told);
    link = next;
    if (settings.asksForCredentials()) {
      state.askingForCredentials();
    }
    Attempt attempt = new Attempt(settings, request, next, state.transport(), told);
    callOuts.add(attempt::begin);
  }

  /** Gives it up. */
  void drop(CloseReason reason) {
    Link current = link;
    if (current != null) {
      current.giveUp(reason);
      call(current.ending());
    }
    link = null;
  }

  /** Calls its connection, if there is one. */
  void call(Consumer<? super Connection> call) {
    Link current = link;
    if (current != null && current.connection != null) {
      Connection connection = current.connection;
      callOuts.add(() -> call.accept(connection));
    }
  }

  /** Returns it if it is open, else null. */
  @Nullable Link ifOpen() {
    return state.state() == ChannelState.OPEN ? link : null;
  }
}
