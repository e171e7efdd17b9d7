package io.eventchannel.client;

import io.eventchannel.CursorStore;
import java.util.function.Consumer;

/** What the listener returned from is handled, and stored before its next call. */
final class ReturnProgress implements Progress {
  private final Positions positions;
  private final CursorStore store;
  private final Consumer<? super Throwable> onError;

  ReturnProgress(Positions positions, CursorStore store, Consumer<? super Throwable> onError) {
    this.positions = positions;
    this.store = store;
    this.onError = onError;
  }

  @Override
  public void begin() {}

  @Override
  public void callBegins(Inbound call) {}

  @Override
  public void callEnds(Inbound call) {
    String position = call.position();
    if (position == null) {
      return;
    }
    positions.handled(position);
    try {
      store.save(positions.handled());
    } catch (Throwable broken) { // the stored position is older, which loses nothing
      onError.accept(broken);
    }
  }

  @Override
  public void commit(String lastEventId) {
    throw new IllegalStateException(
        "commit: expected a channel of a request with manualCommit(); this one's events are"
            + " handled when its listener returns");
  }
}
