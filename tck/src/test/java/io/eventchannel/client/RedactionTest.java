package io.eventchannel.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.eventchannel.transport.ConnectRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is printed and logged holds no credentials. */
class RedactionTest {
  @ParameterizedTest
  @CsvSource({
    "https://me:secret@example.com/feed?token=secret#secret, https://example.com/feed",
    "https://me@example.com:8443/a@b/c, https://example.com:8443/a@b/c",
    "https://a:secret@secret@example.com, https://example.com",
    "https://example.com/feed#secret?secret, https://example.com/feed",
    "https://example.com?secret@secret/secret, https://example.com",
    "wss://me:secret@example.com?token=secret, wss://example.com",
    "me:secret@example.com/feed, example.com/feed",
    "https://example.com/feed, https://example.com/feed",
    "?next=https://me:secret@example.com/, ''",
    "'', ''",
  })
  void noUserNoQueryAndNoFragmentIsLeft(String url, String expected) {
    assertEquals(expected, ConnectRequest.redact(url));
  }

  @Test
  void aChannelAndItsRequestsPrintNoSecret() throws Exception {
    EngineHarness harness =
        EngineHarness.create(settings -> settings.header("Authorization", "secret"));
    var channel =
        harness.client.open("https://me:secret@example.com/feed?token=secret", harness.listener);
    var request = harness.webSocket.takeConnection().request();
    for (String printed : List.of(channel.toString(), request.toString())) {
      assertFalse(printed.contains("secret"), printed);
    }
    assertEquals(List.of(Map.entry("Authorization", "secret")), request.headers());
    harness.finish();
  }
}
