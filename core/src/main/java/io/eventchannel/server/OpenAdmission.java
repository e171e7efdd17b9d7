package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.log.Position;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import io.eventchannel.transport.Scheduler;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An admitted request: holds a place among the connections until it is opened or given back, by its
 * adapter or, where a container never tells what became of it, by a timer. {@code fate} is decided
 * once.
 */
final class OpenAdmission implements Admission {
  private enum Fate {
    UNDECIDED,
    OPENED,
    GIVEN_BACK,
    EXPIRED
  }

  /** How long an adapter may take; containers need milliseconds. */
  private static final long EXPIRY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final OutletListener NOBODY =
      new OutletListener() {
        @Override
        public void ready() {}

        @Override
        public void pong() {}

        @Override
        public void received(byte[] frame) {}

        @Override
        public void closed(CloseReason reason) {}
      };

  private final Openings openings;
  private final Consumer<Admissions.Request> abandoned;
  private final Admissions.Request request;
  private final @Nullable Position start;
  private final String channelId;
  private final @Nullable ServerChannel known;
  private final Map<String, String> headers;
  private final long writeTimeoutMillis;
  private final int maxUpstreamBytes;
  private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.UNDECIDED);
  private volatile Scheduler.Cancellable timer = () -> {};

  OpenAdmission(
      Openings openings,
      Consumer<Admissions.Request> abandoned,
      Admissions.Request request,
      @Nullable Position start,
      String channelId,
      @Nullable ServerChannel known,
      Map<String, String> headers,
      long writeTimeoutMillis,
      int maxUpstreamBytes) {
    this.openings = openings;
    this.abandoned = abandoned;
    this.request = request;
    this.start = start;
    this.channelId = channelId;
    this.known = known;
    this.headers = Collections.unmodifiableMap(headers);
    this.writeTimeoutMillis = writeTimeoutMillis;
    this.maxUpstreamBytes = maxUpstreamBytes;
  }

  @Override
  public @Nullable Answer refusal() {
    return null;
  }

  @Override
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public @Nullable String subprotocol() {
    return request.subprotocol;
  }

  @Override
  public WireFormat format() {
    return request.reading.format;
  }

  @Override
  public int maxUpstreamBytes() {
    return maxUpstreamBytes;
  }

  @Override
  public long writeTimeoutMillis() {
    return writeTimeoutMillis;
  }

  @Override
  public OutletListener open(Outlet outlet) {
    if (!fate.compareAndSet(Fate.UNDECIDED, Fate.OPENED)) {
      if (fate.get() == Fate.EXPIRED) {
        outlet.abort();
        return NOBODY;
      }
      throw new IllegalStateException("admission: expected one open or cancel, got another");
    }
    timer.cancel();
    boolean opened = false;
    try {
      OutletListener listener = openings.open(request, start, channelId, known, outlet);
      opened = true;
      return listener;
    } finally {
      if (!opened) { // something of others has failed, a thread could not be had
        abandoned.accept(request);
      }
    }
  }

  @Override
  public void cancel() {
    if (giveBack(Fate.GIVEN_BACK)) {
      timer.cancel();
    }
  }

  /** Begins to wait for the adapter; once, before the admission is handed out. */
  void expireWith(Scheduler scheduler) {
    timer = scheduler.schedule(() -> giveBack(Fate.EXPIRED), EXPIRY_NANOS);
  }

  private boolean giveBack(Fate as) {
    boolean first = fate.compareAndSet(Fate.UNDECIDED, as);
    if (first) {
      request.judgement.takeAskedAt();
      abandoned.accept(request);
    }
    return first;
  }
}
