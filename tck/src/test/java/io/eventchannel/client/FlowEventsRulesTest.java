package io.eventchannel.client;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** The rules of Reactive Streams for publishers, by the tests of its own kit. */
class FlowEventsRulesTest {
  // In these milliseconds a signal must come, and in those it must stay away.
  private static final long PATIENCE_MILLIS = 3_000;
  private static final long SILENCE_MILLIS = 50;

  private final Verification verification = new Verification();

  @AfterEach
  void closeClients() {
    verification.close();
  }

  @TestFactory
  Stream<DynamicTest> INV_22_INV_30_aPublisherOfEventsFollowsTheRulesOfReactiveStreams() {
    return Arrays.stream(Verification.class.getMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .filter(method -> !method.getName().startsWith("untested_")) // it only says so
        .sorted(Comparator.comparing(Method::getName))
        .map(rule -> dynamicTest(rule.getName(), () -> check(rule)));
  }

  private void check(Method rule) throws Throwable {
    verification.setUp();
    try {
      rule.invoke(verification);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skipped) {
        abort(skipped.getMessage());
      }
      throw e.getCause();
    } finally {
      verification.close();
    }
  }

  private static final class Verification extends FlowPublisherVerification<Event> {
    private final List<ChannelClient> clients = new ArrayList<>();

    Verification() {
      super(new TestEnvironment(PATIENCE_MILLIS, SILENCE_MILLIS), 2_000);
    }

    @Override
    public Flow.Publisher<Event> createFlowPublisher(long elements) {
      return publisher(elements, CloseReason.closeCode(1000, "done"));
    }

    @Override
    public Flow.Publisher<Event> createFailedFlowPublisher() {
      return publisher(0, CloseReason.httpStatus(404, "no such feed"));
    }

    private Flow.Publisher<Event> publisher(long elements, CloseReason end) {
      ChannelClient client =
          ChannelClient.builder()
              .transport(new CountingTransport(elements, end))
              .inboundQueue(16, 1 << 20)
              .build();
      clients.add(client);
      return FlowEvents.publisher(client, ChannelRequest.of("https://example.com/feed"), gap -> {});
    }

    void close() {
      clients.forEach(ChannelClient::close);
      clients.clear();
    }
  }
}
