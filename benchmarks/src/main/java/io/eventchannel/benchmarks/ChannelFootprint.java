package io.eventchannel.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.eventchannel.CloseReason;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/**
 * What idle channels of one client cost: threads, heap, resident memory and processor time. The
 * server runs in a process of its own, so that this one holds nothing but the client. Prints one
 * line of JSON; whatever is counted per channel is the difference to a process in which another
 * client has opened and closed a few.
 *
 * <pre>{@code
 * ChannelFootprint --channels 1000 --transport sse --threads virtual
 * }</pre>
 */
public final class ChannelFootprint {
  private static final int WARM_UP_CHANNELS = 20;
  private static final int COLLECTIONS = 9;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Options options;
  private final String url;

  private ChannelFootprint(Options options, String url) {
    this.options = options;
    this.url = url;
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = Options.of(args);
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                IdleFeedServer.class.getName(),
                Long.toString(options.heartbeat.toMillis()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader printed = server.inputReader(StandardCharsets.UTF_8)) {
      String port = printed.readLine();
      if (port == null) {
        throw new IOException("the server did not start");
      }
      String url = "http://127.0.0.1:" + port + "/feed";
      System.out.println(new ChannelFootprint(options, url).measure());
    } finally {
      server.destroy();
    }
  }

  private ChannelClient newClient() {
    ChannelClient.Builder builder =
        switch (options.threads) {
          case "platform" -> OkHttpChannels.newClient(new OkHttpClient());
          case "virtual" -> OkHttpChannels.newClient(new OkHttpClient(), virtualThreads());
          default ->
              throw new IllegalArgumentException(
                  "--threads: expected platform or virtual, got " + options.threads);
        };
    return builder.transportPreference(TransportPreference.of(options.transport)).build();
  }

  /**
   * A thread without a platform thread for each task: Java 21 has them, this is compiled for 17.
   */
  private static Executor virtualThreads() {
    try {
      return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("--threads virtual: expected Java 21 or newer", e);
    }
  }

  private String measure() throws IOException, InterruptedException {
    warmUp();
    try (ChannelClient client = newClient()) {
      int threadsBefore = liveThreads();
      long heapBefore = usedHeap();
      long residentBefore = residentBytes();
      ManagementFactory.getThreadMXBean().resetPeakThreadCount();

      Told told = new Told(options.channels);
      List<EventChannel> channels = open(client, options.channels, told);
      double perChannel = options.channels;
      int threads = liveThreads();
      int peak = ManagementFactory.getThreadMXBean().getPeakThreadCount();
      long heap = usedHeap();
      long resident = residentBytes();

      Duration idle = options.heartbeat.multipliedBy(options.heartbeats);
      long cpuBefore = cpuNanos();
      long begin = System.nanoTime();
      if (told.lost.await(idle.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("a connection was lost, so this was not idle");
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      double cpuMillis = (cpuNanos() - cpuBefore) / 1e6;
      channels.forEach(EventChannel::close);
      told.closed.await();
      return String.format(
          Locale.ROOT,
          "{\"channels\":%d,\"transport\":\"%s\",\"threads\":\"%s\",\"java\":\"%s\","
              + "\"threadsBefore\":%d,\"threadsLive\":%d,\"threadsPeak\":%d,"
              + "\"heapBytesPerChannel\":%.0f,\"residentBytesPerChannel\":%.0f,"
              + "\"heartbeatSeconds\":%.1f,\"idleSeconds\":%.1f,\"idleCpuMillisPerSecond\":%.2f}",
          options.channels,
          options.transport,
          options.threads,
          System.getProperty("java.version"),
          threadsBefore,
          threads,
          peak,
          (heap - heapBefore) / perChannel,
          (resident - residentBefore) / perChannel,
          options.heartbeat.toMillis() / 1e3,
          seconds,
          cpuMillis / seconds);
    }
  }

  /** Loads and starts what stays, with a client of its own, which takes its threads along. */
  private void warmUp() throws InterruptedException {
    try (ChannelClient client = newClient()) {
      Told told = new Told(WARM_UP_CHANNELS);
      open(client, WARM_UP_CHANNELS, told).forEach(EventChannel::close);
      told.closed.await();
    }
  }

  /** Opens channels and returns when each of them knows where it stands, and so is idle. */
  private List<EventChannel> open(ChannelClient client, int count, Told told) {
    List<EventChannel> channels = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      channels.add(client.open(url, told));
    }
    for (EventChannel channel : channels) {
      await(() -> channel.lastEventId() != null);
    }
    return channels;
  }

  private static void await(BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IllegalStateException("not all channels are open within " + PATIENCE);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static int liveThreads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  /** The median of what repeated collections leave. */
  private static long usedHeap() {
    long[] used = new long[COLLECTIONS];
    for (int i = 0; i < used.length; i++) {
      System.gc();
      used[i] = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
    Arrays.sort(used);
    return used[used.length / 2];
  }

  /** The memory that the process occupies; 0 where the system does not say. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return 0;
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** What the listeners of all channels were told. */
  private static final class Told implements EventChannelListener {
    final CountDownLatch closed;
    final CountDownLatch lost = new CountDownLatch(1);

    Told(int channels) {
      closed = new CountDownLatch(channels);
    }

    @Override
    public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
      lost.countDown();
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      closed.countDown();
    }
  }

  private static final class Options {
    private int channels = 1_000;
    private String transport = "websocket";
    private String threads = "platform";
    private Duration heartbeat = Duration.ofSeconds(15);
    private int heartbeats = 4;

    static Options of(String[] args) {
      Options options = new Options();
      for (int i = 0; i < args.length; i += 2) {
        if (i + 1 == args.length) {
          throw new IllegalArgumentException(args[i] + ": expected a value, got none");
        }
        String value = args[i + 1];
        switch (args[i]) {
          case "--channels" -> options.channels = Integer.parseInt(value);
          case "--transport" -> options.transport = value;
          case "--threads" -> options.threads = value;
          case "--heartbeat-millis" -> options.heartbeat = Duration.ofMillis(Long.parseLong(value));
          case "--idle-heartbeats" -> options.heartbeats = Integer.parseInt(value);
          default ->
              throw new IllegalArgumentException(
                  "expected --channels, --transport, --threads, --heartbeat-millis or"
                      + " --idle-heartbeats, got "
                      + args[i]);
        }
      }
      return options;
    }
  }
}
