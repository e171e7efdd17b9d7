package io.eventchannel.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer to a request of a connection of its own; of a stream or a session the head alone. */
final class Answer {
  final RawHttp.Head head;
  final String body;

  private Answer(RawHttp.Head head, String body) {
    this.head = head;
    this.body = body;
  }

  static Answer ask(ServedFeed at, String method, String target, String... headers)
      throws IOException {
    try (RawHttp http = RawHttp.connect(at.port())) {
      return read(http.send(method, target, headers), method);
    }
  }

  static Answer post(ServedFeed at, byte[] body, String... headers) throws IOException {
    try (RawHttp http = RawHttp.connect(at.port())) {
      http.send("POST", ServedFeed.PATH, with(headers, "Content-Length: " + body.length));
      try {
        http.send(body);
      } catch (IOException answered) {
        // by the head alone, and some then close the connection
      }
      return read(http, "POST");
    }
  }

  private static Answer read(RawHttp http, String method) throws IOException {
    RawHttp.Head head = http.head();
    return new Answer(head, hasBody(method, head) ? http.body() : "");
  }

  private static boolean hasBody(String method, RawHttp.Head head) {
    int status = head.status();
    boolean stream = String.valueOf(head.header("Content-Type")).startsWith("text/event-stream");
    return !method.equals("HEAD") && !stream && status != 101 && status != 204;
  }

  static String[] with(String[] headers, String... more) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }

  int status() {
    return head.status();
  }

  @Nullable String header(String name) {
    return head.header(name);
  }

  /**
   * All of it but the time, and whether the connection ends, as it does where a container has the
   * answer before the body of the request.
   */
  String said() {
    return head.toString().replaceAll(" \\| (Date|Connection): [^|]*(?= \\||$)", "") + "\n" + body;
  }
}
