package io.eventchannel.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.eventchannel.log.InMemoryEventLog;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** Any Origin beside any Host; a seed is the one and, in the second line, the other. */
@Tag("fuzz")
class OriginTargetTest {
  private static final String LISTED = "https://kiosk.example:8443";
  private static final Pattern ORIGIN =
      Pattern.compile("(?i)(https?)://([a-z0-9._-]+|\\[[0-9a-z.:]+])(?::([0-9]{1,5}))?");
  private static final Pattern ORDINARY_HOST = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+");

  private final ChannelEndpoint endpoint =
      new Scene(InMemoryEventLog.create(), feed -> {}, e -> e.allowedOrigins(LISTED)).endpoint;

  @FuzzTest(maxDuration = "1m")
  void S15_onlyTheOriginOfTheHostAndAListedOneComeIn(byte[] bytes) {
    String[] lines = new String(bytes, UTF_8).split("\n", 2);
    String origin = lines[0];
    String host = lines.length < 2 ? "example.com" : lines[1];
    for (Handshake.Kind kind :
        new Handshake.Kind[] {Handshake.Kind.SSE, Handshake.Kind.WEBSOCKET}) {
      for (boolean secure : new boolean[] {false, true}) {
        check(origin, host, kind, secure);
      }
    }
  }

  private void check(String origin, String host, Handshake.Kind kind, boolean secure) {
    Admission admission =
        endpoint.admit(
            Handshake.builder(kind)
                .header("Host", host)
                .header("Origin", origin)
                .secure(secure)
                .build());
    boolean admitted = admission.refusal() == null;
    admission.cancel();

    String page = normal(origin);
    String scheme = page == null ? "" : page.substring(0, page.indexOf(':'));
    boolean listed = LISTED.equals(page);
    boolean same = page != null && page.equals(normal(scheme + "://" + host.trim()));
    boolean inTheClear = secure && scheme.equals("http");
    if (admitted) {
      assertTrue(listed || (same && !inTheClear), () -> origin + " came in at " + host);
    } else if (ORDINARY_HOST.matcher(host).matches()) {
      boolean plainlySame = page != null && origin.equals(scheme + "://" + host) && !inTheClear;
      assertFalse(plainlySame || listed, () -> origin + " was kept out at " + host);
    }
  }

  /** The whole origin in lower case with its port; null if it is none. */
  private static @Nullable String normal(String text) {
    Matcher origin = ORIGIN.matcher(text.trim());
    if (!origin.matches()) {
      return null;
    }
    String scheme = origin.group(1).toLowerCase(Locale.ROOT);
    String port =
        origin.group(3) == null ? (scheme.equals("https") ? "443" : "80") : origin.group(3);
    return scheme + "://" + origin.group(2).toLowerCase(Locale.ROOT) + ":" + port;
  }
}
