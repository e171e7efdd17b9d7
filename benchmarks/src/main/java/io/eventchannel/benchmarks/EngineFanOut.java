package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import io.eventchannel.server.Admission;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import io.eventchannel.server.Handshake;
import java.time.Duration;
import java.util.List;

/** Our engine, with its defaults, as an adapter to a container drives it. */
final class EngineFanOut implements FanOut {
  private static final String TOPIC = "prices";

  private final EventFeed feed = EventFeed.inMemory();
  private final ChannelEndpoint endpoint =
      ChannelEndpoint.builder(feed)
          .heartbeat(Duration.ofMinutes(5)) // so that nothing but events is written
          .maxPlainStreamAge(Duration.ZERO)
          .build();
  private final int topics;

  /**
   * Starts it.
   *
   * @param topics how many each subscriber reads
   */
  EngineFanOut(int topics) {
    this.topics = topics;
  }

  @Override
  public void connect(List<CountingOutlet> outlets) {
    for (CountingOutlet outlet : outlets) {
      Handshake.Builder request =
          Handshake.builder(Handshake.Kind.SSE).header("Host", "localhost").query("topic", TOPIC);
      for (int i = 1; i < topics; i++) {
        request.query("topic", "quiet-" + i);
      }
      Admission admission = endpoint.admit(request.build());
      if (admission.refusal() != null) {
        throw new IllegalStateException("refused: " + admission.refusal().status());
      }
      outlet.opened(admission.open(outlet));
    }
  }

  @Override
  public Event publish(Event event) {
    return event.withTopic(TOPIC).withId(feed.publish(TOPIC, event).toCompletableFuture().join());
  }

  @Override
  public void close() {
    endpoint.close();
    feed.close();
  }
}
