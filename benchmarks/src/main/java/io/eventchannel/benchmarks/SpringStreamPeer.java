package io.eventchannel.benchmarks;

import java.io.IOException;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Spring's SseEmitter on Tomcat. An event is put together once; each emitter encodes and writes it
 * in the publisher's thread, which waits for a peer that does not read.
 */
final class SpringStreamPeer extends Subscriber<Set<DataWithMediaType>> {
  private final SseEmitter emitter;

  private SpringStreamPeer(SseEmitter emitter) {
    this.emitter = emitter;
  }

  static Broadcaster start(int port) throws Exception {
    Subscribers<Set<DataWithMediaType>> subscribers =
        new Subscribers<>(
            (seq, data) ->
                SseEmitter.event().id(Long.toString(seq)).data(data, MediaType.TEXT_PLAIN).build());
    GenericWebApplicationContext application = new GenericWebApplicationContext();
    application.registerBean(Feed.class, () -> new Feed(subscribers));
    Containers.start(
        "tomcat",
        port,
        context -> Containers.add(context, "/feed", new DispatcherServlet(application)));
    return subscribers;
  }

  @Override
  void send(Set<DataWithMediaType> event) throws IOException {
    emitter.send(event);
  }

  /** The one controller. */
  @RestController
  static final class Feed {
    private final Subscribers<Set<DataWithMediaType>> subscribers;

    Feed(Subscribers<Set<DataWithMediaType>> subscribers) {
      this.subscribers = subscribers;
    }

    /** Opens a stream that never times out. */
    @GetMapping("/feed")
    SseEmitter open() throws IOException {
      SseEmitter emitter = new SseEmitter(0L);
      emitter.send(SseEmitter.event().comment("")); // takes the head of the response along
      SpringStreamPeer subscriber = new SpringStreamPeer(emitter);
      emitter.onCompletion(() -> subscribers.remove(subscriber));
      emitter.onError(error -> subscribers.remove(subscriber));
      subscribers.add(subscriber);
      return emitter;
    }
  }
}
