package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.codec.EnvelopeReader;
import io.eventchannel.codec.SseLimits;
import io.eventchannel.codec.SseParser;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An outlet that keeps what was written and answers as the test says. It checks its own contract:
 * one call at a time, nothing while a write is pending, nothing after the end (INV-13).
 */
final class FakeOutlet implements Outlet {
  private final WireFormat format;
  private final @Nullable Executor executor;
  private final Queue<WriteResult> answers = new ArrayDeque<>();
  private final List<Batch> batches = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final AtomicBoolean inside = new AtomicBoolean();
  private final List<Event> events = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private final SseParser parser;

  volatile @Nullable OutletListener listener;
  WriteResult otherwise = WriteResult.DONE;
  Runnable beforeWrite = () -> {};
  boolean readyInline;
  boolean answersPings = true;
  boolean confirmsClose = true;
  int pings;
  int closeCode;
  volatile boolean aborted;
  volatile boolean pending;
  private boolean over;
  private int taken;
  private @Nullable String lastId;

  FakeOutlet(WireFormat format) {
    this(format, null);
  }

  FakeOutlet(WireFormat format, @Nullable Executor executor) {
    this.format = format;
    this.executor = executor;
    this.parser =
        new SseParser(
            new SseParser.Sink() {
              @Override
              public void onEvent(Event event) {
                saw(event);
              }

              @Override
              public void onLastEventId(String lastEventId) {
                lines.add("id " + lastEventId);
              }

              @Override
              public void onRetry(long millis) {
                lines.add("retry " + millis);
              }

              @Override
              public void onComment(String text) {
                lines.add("comment");
              }
            },
            SseLimits.ofEvent(4 << 20),
            "",
            format == WireFormat.SSE_BASE64);
  }

  /** What the next writes and pings answer, in order; {@link #otherwise} after them. */
  FakeOutlet answer(WriteResult... results) {
    answers.addAll(List.of(results));
    return this;
  }

  /** Finishes the pending write. */
  void finish() {
    pending = false;
    listener.ready();
  }

  @Override
  public @Nullable Executor executor() {
    return executor;
  }

  @Override
  public WriteResult write(Batch batch) {
    enter("write");
    beforeWrite.run();
    if (batch.format() != format) {
      faults.add("batch of form " + batch.format());
    }
    boolean frameIsBinary = format == WireFormat.BYTES;
    WriteResult result = result();
    if (result != WriteResult.DEAD) {
      batches.add(batch);
      if (format.isSse()) {
        parser.feed(batch.array(), 0, batch.size());
      } else {
        new EnvelopeReader(4 << 20)
            .read(batch.array(), 0, batch.size(), (seq, event) -> saw(event));
        boolean anyBinary = !events.isEmpty() && events.get(events.size() - 1).isBinary();
        if (batch.isBinaryFrame() != (frameIsBinary || anyBinary)) {
          faults.add("binary frame: " + batch.isBinaryFrame() + " for " + lines);
        }
      }
    }
    inside.set(false);
    return result;
  }

  private void enter(String call) {
    if (!inside.compareAndSet(false, true)) {
      faults.add(call + " during another call");
    }
    if (pending) {
      faults.add(call + " while a write is pending");
    }
    if (over) {
      faults.add(call + " after the end");
    }
  }

  private WriteResult result() {
    WriteResult result = answers.isEmpty() ? otherwise : answers.remove();
    if (result == WriteResult.PENDING) {
      if (readyInline) {
        listener.ready();
      } else {
        pending = true;
      }
    }
    over |= result == WriteResult.DEAD;
    return result;
  }

  private synchronized void saw(Event event) {
    events.add(event);
    // What has no ID of its own inherits the last one (WHATWG HTML, section 9.2.6).
    boolean inherited = format.isSse() && Objects.equals(event.id(), lastId) && !moves(event);
    lastId = event.id();
    String id = event.id() == null || inherited ? "" : " " + event.id();
    String payload = event.isBinary() ? event.bytes().length + " bytes" : event.data();
    lines.add((event.type() + id + " " + payload).trim());
  }

  private static boolean moves(Event event) {
    return event.type().equals("eventchannel.position") || event.type().equals("eventchannel.gap");
  }

  @Override
  public WriteResult ping() {
    enter("ping");
    pings++;
    WriteResult result = result();
    inside.set(false);
    if (answersPings) {
      listener.pong();
    }
    return result;
  }

  @Override
  public void close(int code, String text) {
    enter("close");
    inside.set(false);
    over = true;
    closeCode = code;
    lines.add("close " + code + (text.isEmpty() ? "" : " " + text));
    if (confirmsClose) {
      listener.closed(CloseReason.of(CloseReason.Kind.LOCAL, "closed"));
    }
  }

  @Override
  public void abort() {
    aborted = true;
    over = true;
    pending = false;
    if (listener != null) {
      listener.closed(CloseReason.of(CloseReason.Kind.NETWORK, "aborted"));
    }
  }

  @Override
  public WireFormat format() {
    return format;
  }

  /** Everything since the last call, one line each; the rules of the outlet held. */
  List<String> taken() {
    assertSound();
    List<String> since = new ArrayList<>(lines.subList(taken, lines.size()));
    taken = lines.size();
    return since;
  }

  /** The application's events so far. */
  synchronized List<Event> applicationEvents() {
    List<Event> application = new ArrayList<>();
    for (Event event : events) {
      if (!event.type().startsWith("eventchannel.")) {
        application.add(event);
      }
    }
    return application;
  }

  synchronized List<Event> events() {
    return new ArrayList<>(events);
  }

  List<Batch> batches() {
    return batches;
  }

  void assertSound() {
    if (!faults.isEmpty()) {
      throw new AssertionError("outlet misused: " + faults);
    }
  }
}
