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
    "https://me:secret/secret@example.com/feed?secret, https://example.com/feed",
    "https://me:secret\\secret@example.com/feed, https://example.com/feed",
    "https://me\\secret:secret@example.com/feed, https://example.com/feed",
    "https://me:/secret@example.com/feed, https://example.com/feed",
    "https://me/secret:secret@example.com/feed, https://example.com/feed",
    "https://me:secret?secret@example.com/feed, https://",
    "https://me:secret#secret@example.com:8443/feed, https://",
    "https://example.com:none/feed?secret@secret, https://",
    "https://${HOST}:${PORT}/feed?user=secret@example.com&token=secret, https://",
    "https://example.com:none/feed?secret, https://example.com:none/feed",
    "https://me@you:secret/secret@example.com/feed, https://example.com/feed",
    "https:///me:secret@example.com/feed, https:///example.com/feed",
    "https:/me:secret@example.com/feed, https:/example.com/feed",
    "https:me:secret@example.com/feed, https:example.com/feed",
    "https:\\\\me:secret@example.com/feed, https:\\\\example.com/feed",
    "https://example.com:8443/@me?secret, https://example.com:8443/@me",
    "https://[2001:db8::1]:8443/feed?secret, https://[2001:db8::1]:8443/feed",
    "https://me:secret@[2001:db8::1]/feed, https://[2001:db8::1]/feed",
    "example.com:8443/feed, example.com:8443/feed",
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
