package io.eventchannel.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.eventchannel.Receipt;
import io.eventchannel.SendRejectedException;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultProxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ChatTest {
  private final BlockingQueue<String> ada = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> grace = new LinkedBlockingQueue<>();

  @Test
  void oneIsHeardByTheOtherThoughNoWebSocketPassesForHer() throws Exception {
    try (ChatServer room = ChatServer.start(0);
        FaultProxy path = new FaultProxy(room.port())) {
      path.planAll(FaultPlan.none().refuseUpgrades(403));
      try (ChatClient first = new ChatClient(url(room.port()), "Ada", ada::add);
          ChatClient second = new ChatClient(url(path.port()), "Grace", grace::add)) {
        assertEquals("* in the room, over websocket", next(ada));
        assertEquals("* connection lost, coming back", next(grace));
        assertEquals("* in the room, over sse", next(grace));

        await(first.say("<b>hello</b>"));
        assertEquals("Ada: <b>hello</b>", next(ada));
        assertEquals("Ada: <b>hello</b>", next(grace));
        await(second.say("two\nlines \u001b[2J"));
        assertEquals("Grace: two\nlines ?[2J", next(ada));
        assertEquals("Grace: two\nlines ?[2J", next(grace));
      }
    }
  }

  @Test
  void whatIsNoMessageIsRefusedAndTheChannelGoesOn() throws Exception {
    try (ChatServer room = ChatServer.start(0);
        ChatClient first = new ChatClient(url(room.port()), "Ada", ada::add)) {
      next(ada);
      ExecutionException failed =
          assertThrows(ExecutionException.class, () -> await(first.say("")));
      assertInstanceOf(SendRejectedException.class, failed.getCause());
      await(first.say("still here"));
      assertEquals("Ada: still here", next(ada));
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/feed";
  }

  private static void await(CompletionStage<Receipt> stage) throws Exception {
    stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static String next(BlockingQueue<String> lines) throws InterruptedException {
    String line = lines.poll(20, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError("waited in vain");
    }
    return line;
  }
}
