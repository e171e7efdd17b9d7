package io.eventchannel.client;

import io.eventchannel.CursorStore;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the application committed is handled. The only comparison of IDs is whether the committed
 * one is that of the last event or gap delivered: then all is committed, and until the next event a
 * position that moves alone takes the stored one along. Otherwise it must not, or it would skip
 * what is not committed.
 *
 * <p>A gap has nothing of its own to be handled but the call, so it leaves all committed if all
 * was. An event without an ID cannot be committed, nor resumed after, and counts for nothing.
 *
 * <p>Saves are made by one task at a time on the executor, the latest position only: what was
 * replaced before its turn is skipped, so that no queue can grow.
 */
final class CommitProgress implements Progress {
  private final Positions positions;
  private final CursorStore store;
  private final Executor executor;
  private final Consumer<? super Throwable> onError;

  // All guarded by this.
  private @Nullable String lastDelivered;
  private boolean allCommitted = true;
  // Where the position moved to, alone, since the last delivery; null if it did not.
  private @Nullable String ahead;
  private boolean unsaved;
  private boolean saving;

  CommitProgress(
      Positions positions,
      CursorStore store,
      Executor executor,
      Consumer<? super Throwable> onError) {
    this.positions = positions;
    this.store = store;
    this.executor = executor;
    this.onError = onError;
  }

  @Override
  public synchronized void begin() {
    lastDelivered = positions.handled();
  }

  @Override
  public synchronized void callBegins(Inbound call) {
    if (call.id() != null) {
      lastDelivered = call.id();
      ahead = null;
      allCommitted &= call.kind() != Inbound.Kind.EVENT;
    }
  }

  @Override
  public void callEnds(Inbound call) {
    String position = call.position();
    if (position == null || (call.kind() == Inbound.Kind.EVENT && call.id() != null)) {
      return;
    }
    synchronized (this) {
      ahead = position;
      if (!allCommitted) {
        return;
      }
      positions.handled(position);
    }
    save();
  }

  @Override
  public void commit(String lastEventId) {
    synchronized (this) {
      allCommitted = lastEventId.equals(lastDelivered);
      positions.handled(allCommitted && ahead != null ? ahead : lastEventId);
    }
    save();
  }

  private void save() {
    synchronized (this) {
      unsaved = store != CursorStore.none();
      if (!unsaved || saving) {
        return;
      }
      saving = true;
    }
    try {
      executor.execute(this::saveLatest);
    } catch (RejectedExecutionException
        | OutOfMemoryError noThread) { // the next commit tries again
      synchronized (this) {
        saving = false;
      }
      onError.accept(noThread);
    }
  }

  private void saveLatest() {
    while (true) {
      String position;
      synchronized (this) {
        if (!unsaved) {
          saving = false;
          return;
        }
        unsaved = false;
        position = positions.handled();
      }
      try {
        store.save(position);
      } catch (Throwable broken) { // the stored position is older, which loses nothing
        onError.accept(broken);
      }
    }
  }
}
