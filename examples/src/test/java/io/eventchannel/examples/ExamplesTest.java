package io.eventchannel.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.client.ChannelRequest;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import io.eventchannel.tck.RecordingListener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples other than the chat, over either transport. */
@Timeout(30)
final class ExamplesTest {
  @TempDir Path folder;

  static Stream<TransportPreference> transports() {
    return Stream.of(TransportPreference.webSocketOnly(), TransportPreference.sseOnly());
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aVoteIsCountedOnceAndMovesAndANewcomerSeesThePresentTallies(TransportPreference transport)
      throws Exception {
    try (PollServer poll = PollServer.start(0);
        ChannelClient client = client(transport)) {
      RecordingListener voter = new RecordingListener();
      EventChannel channel = client.open(request(poll.port()), voter);
      voter.takeOpen();
      vote(channel, "tea");
      vote(channel, "tea");
      for (int i = 0; i < 20; i++) { // more tallies than are kept at hand
        vote(channel, "water");
        vote(channel, "coffee");
      }

      RecordingListener newcomer = new RecordingListener();
      client.open(request(poll.port()), newcomer);
      newcomer.takeOpen();
      assertEquals(Gap.Reason.EVICTED, newcomer.takeGap().reason());
      String data = newcomer.takeEvent().data();
      assertEquals("{\"coffee\":1,\"tea\":0,\"water\":0}", data);
    }
  }

  private static void vote(EventChannel channel, String option) throws Exception {
    channel.send(Event.of(PollServer.VOTE, option)).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @MethodSource("transports")
  void picturesArriveAsTheyWere(TransportPreference transport) throws Exception {
    try (ImageServer images = ImageServer.start(0);
        ImageReceiver receiver =
            new ImageReceiver(url(images.port(), "/feed"), transport, folder, 2)) {
      long bytes = receiver.received().get(20, TimeUnit.SECONDS);
      assertEquals(
          Files.size(folder.resolve("1.png")) + Files.size(folder.resolve("2.png")), bytes);
      assertEquals(320, ImageIO.read(folder.resolve("2.png").toFile()).getWidth());
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aReaderOfNewsGetsTheChosenCategoriesAndWhatCameBefore(TransportPreference transport)
      throws Exception {
    try (NewsServer news = NewsServer.start(0);
        ChannelClient client = client(transport)) {
      news.report("science", "before").toCompletableFuture().get(20, TimeUnit.SECONDS);
      RecordingListener reader = new RecordingListener();
      client.open(request(news.port(), "science"), reader);
      reader.takeOpen();
      assertEquals("before", reader.takeEvent().data());
      news.report("sport", "not wanted");
      news.report("science", "after");
      Event headline = reader.takeEvent();
      assertEquals("after", headline.data());
      assertEquals("science", headline.topic());
    }
  }

  private static ChannelClient client(TransportPreference transport) {
    return OkHttpChannels.newClient(new OkHttpClient()).transportPreference(transport).build();
  }

  /** Reads from where the page would. */
  private static ChannelRequest request(int port, String... topics) throws Exception {
    String page = get(url(port, "/"));
    assertFalse(page.contains("@START@"), page);
    Matcher start = Pattern.compile("'([A-Za-z0-9.]+-[0-9]+)'").matcher(page);
    assertTrue(start.find(), page);
    return ChannelRequest.builder(url(port, "/feed"))
        .topics(List.of(topics))
        .lastEventId(start.group(1))
        .build();
  }

  private static String get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  private static String url(int port, String path) {
    return "http://127.0.0.1:" + port + path;
  }
}
