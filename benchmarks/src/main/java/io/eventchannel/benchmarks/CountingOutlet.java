package io.eventchannel.benchmarks;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.io.ByteArrayOutputStream;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** An outlet that takes everything at once and counts the events. */
final class CountingOutlet implements Outlet {
  private final Deliveries deliveries;
  private final CountDownLatch firstWrites;

  // Of the thread that writes; the publisher reads them while nothing is under way.
  private Deliveries.@Nullable Tally tally;
  private long events;
  private @Nullable CRC32 checksum = new CRC32();
  private @Nullable ByteArrayOutputStream kept;

  private volatile @Nullable OutletListener listener;

  /**
   * Creates an outlet.
   *
   * @param firstWrites counted down at the first write
   * @param keeps whether it keeps what comes until {@link #measure}
   */
  CountingOutlet(Deliveries deliveries, CountDownLatch firstWrites, boolean keeps) {
    this.deliveries = deliveries;
    this.firstWrites = firstWrites;
    this.kept = keeps ? new ByteArrayOutputStream() : null;
  }

  /** Where the end of this connection is told. */
  void opened(OutletListener told) {
    listener = told;
  }

  @Override
  public WriteResult write(Batch batch) {
    Deliveries.Tally mine = tally;
    if (mine == null) {
      tally = mine = deliveries.mine();
      firstWrites.countDown();
    }
    int more = batch.events();
    if (more > 0) { // else it is said beside the feed
      if (checksum != null) {
        sum(batch, checksum);
      }
      events += more;
      mine.add(more);
    }
    return WriteResult.DONE;
  }

  private void sum(Batch batch, CRC32 into) {
    into.update(batch.array());
    if (kept != null) {
      kept.writeBytes(batch.array());
    }
  }

  /** The tally of the thread that writes here; after the first write. */
  Deliveries.Tally tally() {
    return Objects.requireNonNull(tally);
  }

  /** How many events came. */
  long events() {
    return events;
  }

  /** The checksum of all events that came. */
  long checksum() {
    return Objects.requireNonNull(checksum).getValue();
  }

  /** The events that came, as bytes. */
  byte[] kept() {
    return Objects.requireNonNull(kept).toByteArray();
  }

  /** From now on it only counts. */
  void measure() {
    checksum = null;
    kept = null;
  }

  @Override
  public WriteResult ping() {
    return WriteResult.DONE;
  }

  @Override
  public void close(int code, String text) {
    end();
  }

  @Override
  public void abort() {
    end();
  }

  private void end() {
    OutletListener told = listener;
    if (told != null) {
      told.closed(CloseReason.of(CloseReason.Kind.LOCAL, "the benchmark is over"));
    }
  }

  @Override
  public @Nullable Executor executor() {
    return null;
  }

  @Override
  public WireFormat format() {
    return WireFormat.SSE;
  }
}
