package io.eventchannel.jakarta;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A container's response, into whose buffer a whole answer is written. */
final class FakeAnswer extends ServletOutputStream {
  final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  int status;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  final HttpServletResponse response =
      (HttpServletResponse)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {HttpServletResponse.class},
              (proxy, method, arguments) -> response(method.getName(), arguments));

  private Object response(String name, Object[] arguments) {
    switch (name) {
      case "setStatus":
        status = (int) arguments[0];
        return null;
      case "setContentType":
        headers.put("Content-Type", List.of((String) arguments[0]));
        return null;
      case "setHeader":
        headers.put((String) arguments[0], List.of((String) arguments[1]));
        return null;
      case "addHeader":
        headers
            .computeIfAbsent((String) arguments[0], k -> new ArrayList<>())
            .add((String) arguments[1]);
        return null;
      case "getBufferSize":
        return 8192;
      case "getOutputStream":
        return this;
      default:
        throw new UnsupportedOperationException(name);
    }
  }

  /** The body, which is one line. */
  String line() {
    return body.toString(StandardCharsets.UTF_8).trim();
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(int b) {
    body.write(b);
  }
}
