package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.eventchannel.Event;
import io.eventchannel.examples.ChatClient;
import io.eventchannel.examples.ChatServer;
import io.eventchannel.examples.DemoServer;
import io.eventchannel.examples.ImageServer;
import io.eventchannel.examples.NewsServer;
import io.eventchannel.examples.PollServer;
import io.eventchannel.tck.FaultPlan;
import io.eventchannel.tck.FaultProxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The browser's own EventSource and WebSocket, in a real browser, without a script of ours. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class BrowserTest {
  @Test
  void plainWebSocketAndPlainEventSourceReceiveTheFeed() throws Exception {
    try (DemoServer demo = DemoServer.start(0);
        Chromium browser = Chromium.start(browser())) {
      // The page only lends its origin; what runs in it is this and nothing else.
      browser.open("http://127.0.0.1:" + demo.port() + "/cut");
      browser.await("location.pathname === '/cut'");
      browser.evaluate(
          "(window.sse = [], window.ws = [], window.positions = 0,"
              + " source = new EventSource('/feed?topic=test'),"
              + " source.addEventListener('tick', e => sse.push(e.lastEventId + ' ' + e.data)),"
              + " source.addEventListener('eventchannel.position', () => positions++),"
              + " socket = new WebSocket('ws://' + location.host + '/feed?topic=test'),"
              + " socket.onmessage = m => { const e = JSON.parse(m.data);"
              + "   if (e.event === 'tick') ws.push(e.id + ' ' + e.data);"
              + "   if (e.event === 'eventchannel.position') positions++; }, 0)");
      browser.await("positions === 2");
      String first = publish(demo, "one");
      String second = publish(demo, "two\nlines");
      browser.await("sse.length === 2 && ws.length === 2");
      String expected = first + " one," + second + " two\nlines";
      assertEquals(expected, browser.evaluate("sse.join()"));
      assertEquals(expected, browser.evaluate("ws.join()"));
    }
  }

  @Test
  void theDemoPageMissesNothingWhenItsConnectionsAreCut() throws Exception {
    try (DemoServer demo = DemoServer.start(0);
        Chromium browser = Chromium.start(browser())) {
      browser.open("http://127.0.0.1:" + demo.port() + "/");
      for (String side : new String[] {"webSocketPanel", "ssePanel"}) {
        browser.await(side + ".counts.events >= 4 && " + side + ".channel");
        browser.evaluate(side + ".before = " + side + ".counts.events");
        browser.evaluate(side + ".cut()");
        browser.await(side + ".counts.resumes === 1");
        browser.await(side + ".counts.events > " + side + ".before + 4");
      }
      for (String side : new String[] {"webSocketPanel", "ssePanel"}) {
        assertEquals("0", browser.evaluate(side + ".counts.missed"));
        assertEquals("0", browser.evaluate(side + ".counts.duplicates"));
        assertEquals("0", browser.evaluate(side + ".counts.gaps"));
      }
      String picture = System.getProperty("screenshot");
      if (picture != null) {
        browser.evaluate("fetch('/garbage', { method: 'POST' })");
        browser.await("ssePanel.points.filter(p => p.type === 'cpu').length > 40");
        browser.screenshot(Path.of(picture));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"WebSocket", "SSE"})
  void theChatPageSpeaksAndHearsAlsoWhereNoWebSocketPasses(String transport) throws Exception {
    try (ChatServer room = ChatServer.start(0);
        FaultProxy path = new FaultProxy(room.port());
        Chromium browser = Chromium.start(browser())) {
      if (transport.equals("SSE")) {
        path.planAll(FaultPlan.none().refuseUpgrades(403));
      }
      BlockingQueue<String> screen = new LinkedBlockingQueue<>();
      try (ChatClient grace =
          new ChatClient("http://127.0.0.1:" + room.port() + "/feed", "Grace", screen::add)) {
        grace.say("<i>Is anybody here?</i>").toCompletableFuture().get(10, TimeUnit.SECONDS);
        browser.open("http://127.0.0.1:" + path.port() + "/");
        browser.await("find('state').textContent === 'open over " + transport + "'");
        browser.await("messages.children.length === 1");
        browser.evaluate(
            "(nameField.value = 'Ada', textField.value = 'I am.', find('form').requestSubmit(), 0)");
        browser.await("messages.children.length === 2 && textField.value === ''");
        assertEquals(
            "<i>Is anybody here?</i>,I am.",
            browser.evaluate(
                "[...messages.querySelectorAll('span')].map(one => one.textContent).join()"));
        assertEquals("mine", browser.evaluate("messages.lastChild.className"));
        String line = "";
        while (!line.equals("Ada: I am.")) {
          line = screen.poll(10, TimeUnit.SECONDS);
          assertNotNull(line, "waited in vain");
        }

        path.cutAll(FaultPlan.Cut.RST);
        grace.say("Did you miss this?").toCompletableFuture().get(10, TimeUnit.SECONDS);
        browser.await("messages.children.length === 3");
        browser.await("find('state').textContent === 'open over " + transport + "'");
        browser.evaluate("feed.send('say', 'nobody').catch(no => window.refused = no.message)");
        browser.await("window.refused === 'the application failed'");
        picture(browser, "chat-" + transport);
      }
    }
  }

  @Test
  void thePagesOfPollPicturesAndNewsShowWhatComes() throws Exception {
    try (PollServer poll = PollServer.start(0);
        ImageServer images = ImageServer.start(0);
        NewsServer news = NewsServer.start(0);
        Chromium browser = Chromium.start(browser())) {
      browser.open("http://127.0.0.1:" + poll.port() + "/");
      browser.await("tallies.size === 3 && feed.channel");
      browser.evaluate("vote('coffee').then(() => vote('tea'))");
      browser.await("tallies.get('tea') === 1 && tallies.get('coffee') === 0");
      picture(browser, "poll");

      browser.open("http://127.0.0.1:" + images.port() + "/");
      for (String side : new String[] {"webSocketPanel", "ssePanel"}) {
        browser.await(side + ".pictures >= 3");
        browser.await(side + ".root.querySelector('img').naturalWidth === 320");
      }
      picture(browser, "image");

      news.report("science", "Bees count to five, and one of them to six");
      browser.open("http://127.0.0.1:" + news.port() + "/");
      browser.await("find('headlines').children.length === 1");
      browser.evaluate("(boxes[2].click(), 0)");
      browser.await("source.readyState === EventSource.OPEN");
      news.report("sport", "not chosen");
      news.report("world", "A night train comes back after thirty years");
      browser.await("find('headlines').children.length === 2");
      assertEquals(
          "A night train comes back after thirty years",
          browser.evaluate("document.querySelector('#headlines span').textContent"));
      picture(browser, "news");
    }
  }

  /** A picture beside that of the demo, if one is asked for. */
  private static void picture(Chromium browser, String name) throws Exception {
    String demo = System.getProperty("screenshot");
    if (demo != null) {
      browser.screenshot(Path.of(demo).resolveSibling(name + ".png"));
    }
  }

  private static String publish(DemoServer demo, String data) throws Exception {
    return demo.feed()
        .publish("test", Event.of("tick", data))
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }

  private static Path browser() {
    Optional<Path> browser = Chromium.installed();
    if (browser.isEmpty()) {
      System.out.println(
          "No browser on the PATH (chromium, chromium-browser, google-chrome): not run");
    }
    assumeTrue(browser.isPresent(), "no browser on the PATH");
    return browser.orElseThrow();
  }
}
