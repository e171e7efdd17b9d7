package io.eventchannel.server;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A whole HTTP answer that an adapter writes as it is: a refusal, or the answer to a POST. */
public final class Answer {
  private final int status;
  private final Map<String, String> headers;
  private final byte[] body;

  Answer(int status, Map<String, String> headers, byte[] body) {
    this.status = status;
    this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    this.body = body;
  }

  /** Returns an answer with a one-line text body. */
  static Answer text(int status, Map<String, String> headers, String line) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "text/plain;charset=utf-8");
    return new Answer(status, all, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The same to a request that wants no body. */
  Answer withoutBody() {
    return new Answer(status, headers, new byte[0]);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The headers, in order. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The body; empty for none. The caller must not change it. */
  public byte[] body() {
    return body;
  }
}
