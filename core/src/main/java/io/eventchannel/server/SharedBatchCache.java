package io.eventchannel.server;

import io.eventchannel.log.Position;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The batches of all subscriptions that take their turns on executors of their outlets, which may
 * be many threads. What a loop's pass is to its own cache, is here the time in which turns are
 * under way: from when the first is given to its executor to when the last has ended.
 *
 * <p>All state of the cache is guarded by this. Under the lock is encoded and copied, which others
 * who stand at the same cursor would have to do instead; no outlet and no code of others is called.
 * A turn may see the cache cleared at any moment, as it may by the bound on its bytes.
 */
final class SharedBatchCache extends BatchCache {
  private final AtomicInteger turns = new AtomicInteger();

  /** A turn is given to an executor. */
  void turnBegins() {
    turns.incrementAndGet();
  }

  /** The turn has ended, or will never begin. */
  void turnEnds() {
    if (turns.decrementAndGet() == 0) {
      clear();
    }
  }

  @Override
  synchronized Found next(Run run, long from, Position at, Reading reading) {
    return super.next(run, from, at, reading);
  }

  @Override
  synchronized int bytes() {
    return super.bytes();
  }

  @Override
  synchronized int batches() {
    return super.batches();
  }

  @Override
  synchronized void clear() {
    super.clear();
  }
}
