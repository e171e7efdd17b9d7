package io.eventchannel.it;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/** A real headless Chromium with one page, driven over its debugging protocol. */
final class Chromium implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonFactory JSON = new JsonFactory();

  private final Process process;
  private final Path profile;
  private final OkHttpClient http = new OkHttpClient();
  private final WebSocket socket;
  private final Answers answers = new Answers();
  private final AtomicInteger number = new AtomicInteger();

  private Chromium(Process process, Path profile, String pageUrl) {
    this.process = process;
    this.profile = profile;
    this.socket = http.newWebSocket(new Request.Builder().url(pageUrl).build(), answers);
  }

  /** Where a browser is installed, if one is. */
  static Optional<Path> installed() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(dir -> Path.of(dir, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts the browser with an empty page and an empty profile. */
  static Chromium start(Path browser) throws Exception {
    Path profile = Files.createTempDirectory("eventchannel-chromium");
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1280,1000",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    // The browser writes this file when its debugging port is open.
    Path portFile = profile.resolve("DevToolsActivePort");
    FeedServer.await(
        () -> size(portFile) > 0, () -> "no debugging port; alive: " + process.isAlive());
    String port = Files.readAllLines(portFile).get(0);
    return new Chromium(process, profile, pageUrl(port));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException notThereYet) {
      return 0;
    }
  }

  private static String pageUrl(String port) throws IOException {
    Request list = new Request.Builder().url("http://127.0.0.1:" + port + "/json/list").build();
    try (Response response = new OkHttpClient().newCall(list).execute()) {
      String url = find(response.body().string(), "webSocketDebuggerUrl");
      if (url == null) {
        throw new IOException("the browser has no page");
      }
      return url;
    }
  }

  /** Opens an address in the page. */
  void open(String url) throws Exception {
    call("Page.navigate", json -> json.writeStringField("url", url));
  }

  /** Evaluates an expression in the page and returns its value as text. */
  String evaluate(String expression) throws Exception {
    String answer =
        call(
            "Runtime.evaluate",
            json -> {
              json.writeStringField("expression", "String(" + expression + ")");
              json.writeBooleanField("awaitPromise", true);
            });
    String value = find(answer, "value");
    if (value == null) {
      throw new AssertionError(expression + ": " + answer);
    }
    return value;
  }

  /** Waits until an expression is true in the page. */
  void await(String expression) throws Exception {
    String promise =
        "new Promise((yes, no) => { const end = Date.now() + "
            + PATIENCE.toMillis()
            + "; (function look() { let is = false; try { is = "
            + expression
            + "; } catch (e) { } if (is) yes(true); else if (Date.now() > end) no('waited in vain');"
            + " else setTimeout(look, 20); })(); })";
    String answer =
        call(
            "Runtime.evaluate",
            json -> {
              json.writeStringField("expression", promise);
              json.writeBooleanField("awaitPromise", true);
            });
    if (answer.contains("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer);
    }
  }

  /** Takes a picture of the page. */
  void screenshot(Path file) throws Exception {
    String answer = call("Page.captureScreenshot", json -> json.writeStringField("format", "png"));
    String data = find(answer, "data");
    if (data == null) {
      throw new AssertionError("no picture: " + answer);
    }
    Files.write(file, Base64.getDecoder().decode(data));
  }

  private String call(String method, Parameters parameters) throws Exception {
    int id = number.incrementAndGet();
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("id", id);
      json.writeStringField("method", method);
      json.writeObjectFieldStart("params");
      parameters.write(json);
      json.writeEndObject();
      json.writeEndObject();
    }
    CompletableFuture<String> answer = answers.expect(id);
    socket.send(text.toString());
    return answer.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Returns the first value of that name, at any depth. */
  private static @Nullable String find(String text, String name) throws IOException {
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME && parser.currentName().equals(name)) {
          parser.nextToken();
          return parser.getText();
        }
      }
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    socket.cancel();
    http.dispatcher().executorService().shutdown();
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(one -> one.onExit().join());
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private interface Parameters {
    void write(JsonGenerator json) throws IOException;
  }

  /** Matches the browser's answers to the calls. */
  private static final class Answers extends WebSocketListener {
    private final java.util.Map<Integer, CompletableFuture<String>> waiting =
        new java.util.concurrent.ConcurrentHashMap<>();

    CompletableFuture<String> expect(int id) {
      return waiting.computeIfAbsent(id, k -> new CompletableFuture<>());
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
      try {
        // An answer begins with its number; an event of the browser has none.
        if (text.startsWith("{\"id\":")) {
          String id = find(text, "id");
          CompletableFuture<String> call = id == null ? null : waiting.remove(Integer.valueOf(id));
          if (call != null) {
            call.complete(text);
          }
        }
      } catch (IOException e) {
        onFailure(webSocket, e, null);
      }
    }

    @Override
    public void onFailure(WebSocket webSocket, Throwable failure, @Nullable Response response) {
      waiting.values().forEach(call -> call.completeExceptionally(failure));
    }
  }
}
