package io.eventchannel.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Loads a server that has a {@link ControlSurface}: opens connections, has events broadcast, and
 * prints one line of JSON about what came and what the server used for it. One thread does it all.
 *
 * <pre>{@code
 * LoadClient --mode ws --port 9000 --conns 1000 --subprotocol eventchannel.v1.bytes
 *     --warm 'n=200&size=200&rate=0' --publish 'n=1000&size=200&rate=0' --pid 4711
 * }</pre>
 *
 * <p>The server's processor time is without its compilers' threads in {@code cpu_us_msg}. {@code
 * lost}, {@code dups} and {@code late} are of the events of {@code --publish}, over all
 * connections.
 */
public final class LoadClient {
  private static final int BUFFER = 1 << 18;
  private static final int CONNECTING_AT_ONCE = 128;
  private static final long PATIENCE_NANOS = 120_000_000_000L;
  private static final long QUIET_NANOS = 4_000_000_000L;
  private static final long SETTLE_NANOS = 300_000_000;
  private static final int TURN_MILLIS = 10;

  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private final List<LoadConnection> open = new ArrayList<>();
  private final Latencies latencies = new Latencies();
  private final LoadTarget target;
  private final ControlClient control;
  private int connecting;
  private int failed;
  private int closed;
  private long delivered;
  private long lastEventAt;
  private long readAt; // nanoseconds since 1970

  private LoadClient(LoadTarget target, ControlClient control) throws IOException {
    this.target = target;
    this.control = control;
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws IOException {
    Options options = new Options(args);
    String mode = options.text("--mode", "ws");
    int port = options.number("--port", 9_000);
    int connections = options.number("--conns", 100);
    String warm = options.text("--warm", "");
    String publish = options.text("--publish", "n=1000&size=200&rate=0");
    int pid = options.number("--pid", 0);
    LoadTarget target = LoadTarget.of(mode, port, options.text("--subprotocol", ""));
    options.end();
    if (pid <= 0) {
      throw new IllegalArgumentException("--pid: expected that of the server, got " + pid);
    }

    LoadClient client = new LoadClient(target, new ControlClient(port + 1));
    client.connect(connections);
    if (!warm.isEmpty()) {
      client.warmUp(warm);
    }
    System.out.println(client.measure(mode, publish, pid));
    client.open.forEach(LoadConnection::close);
  }

  private void connect(int connections) throws IOException {
    int begun = 0;
    long began = System.nanoTime();
    while (begun < connections || connecting > 0) {
      for (; begun < connections && connecting < CONNECTING_AT_ONCE; begun++) {
        connecting++;
        LoadConnection.open(selector, target, this::onEvent);
      }
      turn();
      if (System.nanoTime() - began > PATIENCE_NANOS) {
        throw new IOException("only " + open.size() + " of " + connections + " are open");
      }
    }
    if (failed > 0) {
      throw new IOException(failed + " of " + connections + " connections were refused");
    }
    turnsUntilQuietFor(SETTLE_NANOS);
  }

  private void warmUp(String query) throws IOException {
    delivered = 0;
    long expected = (long) events(query) * open.size();
    control.publish(query);
    turnsUntil(() -> delivered >= expected);
    turnsUntilQuietFor(SETTLE_NANOS);
  }

  private String measure(String mode, String query, long pid) throws IOException {
    int events = events(query);
    int connections = open.size();
    // Before the broadcast is asked for, as its first events may come before the answer.
    long first = control.published() + 1;
    List<SequenceCheck> checks = new ArrayList<>();
    for (LoadConnection connection : open) {
      SequenceCheck check = new SequenceCheck(first, events);
      checks.add(check);
      connection.check = check;
    }
    delivered = 0;
    ProcessCost before = ProcessCost.of(pid);
    long began = System.nanoTime();
    if (control.publish(query) != first) {
      throw new IOException("another client has events published too");
    }
    turnsUntil(() -> delivered >= (long) events * connections);
    double seconds = (lastEventAt - began) / 1e9;
    ProcessCost used = ProcessCost.of(pid).since(before);
    // Whatever comes now is a duplicate.
    turnsUntilQuietFor(SETTLE_NANOS);
    return json(mode, checks, seconds, used);
  }

  private String json(String mode, List<SequenceCheck> checks, double seconds, ProcessCost used) {
    long came = checks.stream().mapToLong(SequenceCheck::delivered).sum();
    double each = Math.max(1, came);
    return String.format(
        Locale.ROOT,
        "{\"mode\":\"%s\",\"open\":%d,\"failed\":%d,\"closed\":%d,\"delivered\":%d,\"lost\":%d,"
            + "\"dups\":%d,\"late\":%d,\"wall_s\":%.3f,\"cpu_s\":%.2f,\"cpu_jit_s\":%.2f,"
            + "\"cpu_us_msg\":%.3f,\"vcsw\":%d,\"ivcsw\":%d,\"p50_us\":%.0f,\"p99_us\":%.0f}",
        mode,
        checks.size(),
        failed,
        closed,
        came,
        checks.stream().mapToLong(SequenceCheck::lost).sum(),
        checks.stream().mapToLong(SequenceCheck::duplicates).sum(),
        checks.stream().mapToLong(SequenceCheck::late).sum(),
        seconds,
        used.cpuSeconds(),
        used.jitSeconds(),
        (used.cpuSeconds() - used.jitSeconds()) * 1e6 / each,
        used.voluntarySwitches(),
        used.involuntarySwitches(),
        latencies.quantile(0.5) / 1e3,
        latencies.quantile(0.99) / 1e3);
  }

  private static int events(String query) {
    Matcher events = Pattern.compile("(?:^|&)n=([0-9]+)").matcher(query);
    if (!events.find()) {
      throw new IllegalArgumentException("expected n= in " + query);
    }
    return Integer.parseInt(events.group(1));
  }

  /** Until then, or until nothing has come for long and the server publishes no more. */
  private void turnsUntil(BooleanSupplier done) throws IOException {
    long began = System.nanoTime();
    lastEventAt = began;
    while (!done.getAsBoolean()) {
      turn();
      long now = System.nanoTime();
      if (now - began > PATIENCE_NANOS) {
        return;
      }
      if (now - lastEventAt > QUIET_NANOS) {
        if (!control.publishing() || now - lastEventAt > 4 * QUIET_NANOS) {
          return;
        }
      }
    }
  }

  private void turnsUntilQuietFor(long nanos) throws IOException {
    long began = System.nanoTime();
    while (System.nanoTime() - Math.max(began, lastEventAt) < nanos) {
      turn();
    }
  }

  private void turn() throws IOException {
    selector.select(this::ready, TURN_MILLIS);
  }

  private void ready(SelectionKey key) {
    LoadConnection connection = (LoadConnection) key.attachment();
    try {
      if (key.isConnectable()) {
        connection.connected(key);
        return;
      }
      Instant now = Instant.now();
      readAt = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      if (connection.read(buffer)) {
        connecting--;
        open.add(connection);
      }
    } catch (IOException e) {
      end(connection, e);
    }
  }

  private void end(LoadConnection connection, IOException cause) {
    connection.close();
    if (open.remove(connection)) {
      closed++;
    } else {
      connecting--;
      failed++;
    }
    if (failed + closed == 1) {
      System.err.println("a connection ended, further ones are not told: " + cause);
    }
  }

  private void onEvent(LoadConnection connection, long seq, long ts) {
    lastEventAt = System.nanoTime();
    SequenceCheck check = connection.check;
    if (check == null) {
      delivered++;
    } else if (check.add(seq)) {
      delivered++;
      latencies.add(readAt - ts);
    }
  }
}
