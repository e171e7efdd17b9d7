package io.eventchannel.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** A container's side of a session, driven by the test. */
final class FakeSession {
  /** What happened, in order. */
  final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

  /** The handler of the last send. */
  volatile SendHandler handler;

  /** Runs inside a send, with its handler in place. */
  volatile Runnable insideSend = () -> {};

  /** Runs inside a ping. */
  volatile Runnable insidePing = () -> {};

  final Map<String, Object> properties = new ConcurrentHashMap<>();

  /** What the last ping carried. */
  volatile ByteBuffer lastPing = ByteBuffer.allocate(0);

  final Session session = proxy(Session.class, (name, arguments) -> session(name, arguments));
  private final RemoteEndpoint.Async remote =
      proxy(RemoteEndpoint.Async.class, (name, arguments) -> remote(name, arguments));
  private final RemoteEndpoint.Basic waiting =
      proxy(RemoteEndpoint.Basic.class, (name, arguments) -> waiting(name, arguments));

  void finish() {
    handler.onResult(new SendResult());
  }

  void fail(Throwable cause) {
    handler.onResult(new SendResult(cause));
  }

  private Object session(String name, Object... arguments) {
    switch (name) {
      case "getAsyncRemote":
        return remote;
      case "getUserProperties":
        return properties;
      case "getBasicRemote":
        return waiting;
      case "close":
        CloseReason reason = (CloseReason) arguments[0];
        calls.add("close " + reason.getCloseCode().getCode() + " " + reason.getReasonPhrase());
        return null;
      default:
        throw new UnsupportedOperationException(name);
    }
  }

  private Object remote(String name, Object... arguments) {
    switch (name) {
      case "setSendTimeout":
        calls.add("send timeout " + arguments[0]);
        return null;
      case "sendText":
        calls.add("text " + arguments[0]);
        break;
      case "sendBinary":
        calls.add("binary " + ((ByteBuffer) arguments[0]).remaining());
        break;
      case "sendPing":
        ping((ByteBuffer) arguments[0]);
        return null;
      default:
        throw new UnsupportedOperationException(name);
    }
    handler = (SendHandler) arguments[1];
    insideSend.run();
    return null;
  }

  private Object waiting(String name, Object... arguments) {
    switch (name) {
      case "sendText":
        calls.add("text at once " + arguments[0]);
        break;
      case "sendBinary":
        calls.add("binary at once " + ((ByteBuffer) arguments[0]).remaining());
        break;
      case "sendPing":
        ping((ByteBuffer) arguments[0]);
        return null;
      default:
        throw new UnsupportedOperationException(name);
    }
    insideSend.run();
    return null;
  }

  private void ping(ByteBuffer payload) {
    lastPing = payload.duplicate();
    calls.add("ping");
    insidePing.run();
  }

  private static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            FakeSession.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> calls.of(method.getName(), arguments)));
  }

  private interface Calls {
    Object of(String name, Object... arguments);
  }
}
