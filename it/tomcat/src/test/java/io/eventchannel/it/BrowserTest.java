package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.eventchannel.Event;
import io.eventchannel.examples.DemoServer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
