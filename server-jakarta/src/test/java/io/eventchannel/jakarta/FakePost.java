package io.eventchannel.jakarta;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** A container's side of a POST, driven by the test: parts of its body come when that says so. */
final class FakePost extends ServletInputStream {
  final FakeAnswer answer = new FakeAnswer();
  boolean complete;
  private final String channel;
  ReadListener readListener;
  AsyncListener asyncListener;
  private byte[] part = new byte[0];
  private int read;

  final HttpServletRequest request =
      proxy(HttpServletRequest.class, (proxy, method, arguments) -> request(method.getName()));

  private final AsyncContext async =
      proxy(AsyncContext.class, (proxy, method, arguments) -> async(method.getName(), arguments));

  FakePost(String channel) {
    this.channel = channel;
  }

  private static <T> T proxy(Class<T> type, InvocationHandler calls) {
    return type.cast(
        Proxy.newProxyInstance(FakePost.class.getClassLoader(), new Class<?>[] {type}, calls));
  }

  private Object request(String name) {
    switch (name) {
      case "getContentLengthLong":
        return -1L;
      case "getHeader":
        return channel;
      case "startAsync":
        return async;
      case "getInputStream":
        return this;
      default:
        throw new UnsupportedOperationException(name);
    }
  }

  private Object async(String name, Object[] arguments) {
    switch (name) {
      case "getRequest":
        return request;
      case "getResponse":
        return answer.response;
      case "setTimeout":
        return null;
      case "addListener":
        asyncListener = (AsyncListener) arguments[0];
        return null;
      case "start":
        ((Runnable) arguments[0]).run();
        return null;
      case "complete":
        complete = true;
        return null;
      default:
        throw new UnsupportedOperationException(name);
    }
  }

  /** So many bytes more of the body are there. */
  void brings(int bytes) throws IOException {
    part = new byte[bytes];
    read = 0;
    readListener.onDataAvailable();
  }

  /** How many of them nobody has read. */
  int unread() {
    return part.length - read;
  }

  /** The body is at its end. */
  void ends() throws IOException {
    readListener.onAllDataRead();
  }

  AsyncEvent event() {
    return new AsyncEvent(async);
  }

  @Override
  public boolean isFinished() {
    return false;
  }

  @Override
  public boolean isReady() {
    return unread() > 0;
  }

  @Override
  public void setReadListener(ReadListener listener) {
    readListener = listener;
  }

  @Override
  public int read() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    int n = Math.min(length, unread());
    System.arraycopy(part, read, into, offset, n);
    read += n;
    return n;
  }
}
