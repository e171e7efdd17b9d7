package io.eventchannel.jakarta;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A container's side of an asynchronous response, driven by the test: it says when the stream is
 * ready, and checks that nothing is written or flushed without having said so since.
 */
final class FakeResponse extends ServletOutputStream {
  /** What happened, in order: writes, flushes, complete. */
  final List<String> calls = new ArrayList<>();

  /** What isReady answers, one after the other; then true. */
  final Deque<Boolean> readiness = new ArrayDeque<>();

  /** Thrown by the next write. */
  Exception failure;

  /** Runs inside isReady, after the answer was decided and before it is given. */
  Runnable insideIsReady = () -> {};

  WriteListener writeListener;
  AsyncListener asyncListener;
  private boolean licence;

  final AsyncContext async =
      (AsyncContext)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {AsyncContext.class},
              (proxy, method, arguments) -> {
                switch (method.getName()) {
                  case "getResponse":
                    return response();
                  case "getRequest":
                    return null;
                  case "setTimeout":
                    calls.add("timeout " + arguments[0]);
                    return null;
                  case "addListener":
                    asyncListener = (AsyncListener) arguments[0];
                    return null;
                  case "complete":
                    calls.add("complete");
                    return null;
                  default:
                    throw new UnsupportedOperationException(method.getName());
                }
              });

  private ServletResponse response() {
    return (ServletResponse)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ServletResponse.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getOutputStream")) {
                return this;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  AsyncEvent event(Throwable cause) {
    return new AsyncEvent(async, cause);
  }

  @Override
  public boolean isReady() {
    boolean answer = readiness.isEmpty() || readiness.poll();
    licence = answer;
    Runnable inside = insideIsReady;
    insideIsReady = () -> {};
    inside.run();
    return answer;
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    writeListener = listener;
  }

  @Override
  public void write(int b) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    use();
    calls.add("write " + new String(bytes, offset, length, StandardCharsets.UTF_8));
    if (failure instanceof IOException) {
      throw (IOException) failure;
    } else if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  @Override
  public void flush() {
    use();
    calls.add("flush");
  }

  private void use() {
    if (!licence) {
      throw new AssertionError("written or flushed without isReady() before");
    }
    licence = false;
  }
}
