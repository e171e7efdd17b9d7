import io.eventchannel.okhttp.ResilientEventSources;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;

/** Prints what a stream of Server-Sent Events says, until the stream is over. */
public final class PriceTicker extends EventSourceListener {
  private final CountDownLatch over = new CountDownLatch(1);

  public static void main(String[] args) throws InterruptedException {
    OkHttpClient client = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();
    EventSource.Factory factory = ResilientEventSources.createFactory(client);
    PriceTicker ticker = new PriceTicker();
    factory.newEventSource(new Request.Builder().url(args[0]).build(), ticker);
    ticker.over.await();
  }

  @Override
  public void onOpen(EventSource source, Response response) {
    System.out.println("open");
  }

  @Override
  public void onEvent(EventSource source, String id, String type, String data) {
    System.out.println(type + " " + data);
  }

  @Override
  public void onClosed(EventSource source) {
    System.out.println("closed");
    over.countDown();
  }

  @Override
  public void onFailure(EventSource source, Throwable failure, Response response) {
    System.out.println("failed");
    over.countDown();
  }
}
