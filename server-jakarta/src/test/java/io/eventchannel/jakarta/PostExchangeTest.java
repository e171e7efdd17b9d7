package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.server.Answer;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import io.eventchannel.server.Handshake;
import io.eventchannel.server.PostAdmission;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What bodies of POSTs take of the room for all of them, and that they give it back. */
class PostExchangeTest {
  private static final int NO_LIMIT = 1_000_000;

  private final BodyRoom room = new BodyRoom(64, 64);
  private final ContainerCalls calls = new ContainerCalls();
  private final Home home = new Home(calls, room);
  private final EventFeed feed = EventFeed.inMemory();
  private final ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
  private final Admitted admission = new Admitted(anAdmission());

  @AfterEach
  void close() {
    endpoint.close();
    feed.close();
    calls.close();
  }

  private PostAdmission anAdmission() {
    Handshake handshake = Handshake.builder(Handshake.Kind.POST).build();
    return endpoint.admitPost(handshake).toCompletableFuture().join();
  }

  /** Takes a body when the test says so; its answers are made by an endpoint's admission. */
  private static final class Admitted implements PostAdmission {
    final List<Integer> taken = new ArrayList<>();
    final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final PostAdmission answers;

    Admitted(PostAdmission answers) {
      this.answers = answers;
    }

    @Override
    public Answer refusal() {
      return null;
    }

    @Override
    public CompletionStage<Answer> take(byte[] body) {
      taken.add(body.length);
      return answer;
    }

    @Override
    public Answer abandon(int status, String line) {
      return answers.abandon(status, line);
    }
  }

  private FakePost start(Home at, int maxBytes) throws IOException {
    FakePost post = new FakePost("c-1");
    PostExchange.start(admission, maxBytes, post.request, post.answer.response, 60_000, at);
    return post;
  }

  /** It is over, whatever the container says of it afterwards, and has given its room back. */
  private void assertOver(FakePost post, int status) throws IOException {
    assertTrue(post.complete);
    assertEquals(status, post.answer.status);
    post.asyncListener.onComplete(post.event());
    assertEquals(0, room.held());
  }

  @Test
  void S27_aBodyThatFindsNoRoomIs503AndHoldsNone() throws IOException {
    FakePost post = start(home, NO_LIMIT);
    post.brings(40);
    assertEquals(40, room.held());
    post.brings(25);
    assertEquals("too many bodies are on their way", post.answer.line());
    assertOver(post, 503);
    assertEquals(List.of(), admission.taken);
  }

  @Test
  void S27_bodiesThatAreOnTheirWayShareTheRoom() throws IOException {
    FakePost first = start(home, NO_LIMIT);
    FakePost second = start(home, NO_LIMIT);
    first.brings(40);
    second.brings(25);
    assertEquals(503, second.answer.status);
    assertEquals(40, room.held());
    first.brings(24);
    first.ends();
    assertEquals(List.of(64), admission.taken);
  }

  @Test
  void aBodyThatWasTakenGivesItsRoomBackBeforeItIsAnswered() throws IOException {
    FakePost post = start(home, NO_LIMIT);
    post.brings(64);
    post.ends();
    assertEquals(List.of(64), admission.taken);
    assertEquals(0, room.held());
    assertFalse(post.complete);
    admission.answer.complete(admission.abandon(200, "all is decided"));
    assertOver(post, 200);
  }

  @Test
  void S27_aBodyOfWhichNothingComesGivesItsRoomBack() throws IOException {
    FakePost tooLong = start(home, 50);
    tooLong.brings(40);
    tooLong.brings(20);
    assertOver(tooLong, 413);
    FakePost late = start(home, NO_LIMIT);
    late.brings(40);
    late.asyncListener.onTimeout(late.event());
    assertOver(late, 408);
    FakePost broken = start(home, NO_LIMIT);
    broken.brings(40);
    broken.readListener.onError(new IOException("reset"));
    assertOver(broken, 0);
    assertEquals(List.of(), admission.taken);
  }

  @Test
  void onAThreadOfItsOwnABodyWithoutRoomIsReadToItsEndBeforeItIsAnswered() throws IOException {
    try (IoThread thread = new IoThread()) {
      Home own = home.on(new OwnThread(new Lane(thread, calls), null));
      FakePost post = start(own, NO_LIMIT);
      post.brings(40);
      post.brings(25);
      assertEquals(0, room.held());
      post.brings(10_000);
      assertEquals(0, post.unread());
      assertFalse(post.complete);
      post.ends();
      assertOver(post, 503);
      assertEquals(List.of(), admission.taken);
    }
  }
}
