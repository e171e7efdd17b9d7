package io.eventchannel.jakarta;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.Closeable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Finds the I/O thread of a request on Undertow, which the Servlet API does not tell.
 *
 * <p>By reflection: the four methods are public and as old as Undertow's servlets, the adapter
 * needs no class of Undertow to be compiled or loaded, and an application server may keep its own
 * Undertow where applications do not see it. What is missing shows when the servlet starts.
 */
final class UndertowAccess {
  private static final String REQUEST_CONTEXT =
      "io.undertow.servlet.handlers.ServletRequestContext";

  private final Method currentRequest;
  private final Method exchange;
  private final Method ioThread;
  private final Method connection;
  private final ContainerCalls calls;
  private final Map<Executor, Lane> lanes = new ConcurrentHashMap<>(); // one for each I/O thread

  private UndertowAccess(
      Method currentRequest,
      Method exchange,
      Method ioThread,
      Method connection,
      ContainerCalls calls) {
    this.currentRequest = currentRequest;
    this.exchange = exchange;
    this.ioThread = ioThread;
    this.connection = connection;
    this.calls = calls;
  }

  /** Whether that context is one of Undertow's. */
  static boolean isAt(ServletContext context) {
    return isUndertow(context.getClass().getName());
  }

  static boolean isUndertow(String contextClass) {
    return contextClass.startsWith("io.undertow.");
  }

  /**
   * Returns the way to the threads of the Undertow that has made the context.
   *
   * @throws ReflectiveOperationException if it has none of the kind known here
   */
  static UndertowAccess of(ServletContext context, ContainerCalls calls)
      throws ReflectiveOperationException {
    Class<?> requestContext =
        Class.forName(REQUEST_CONTEXT, true, context.getClass().getClassLoader());
    Method exchange = requestContext.getMethod("getExchange");
    Method ioThread = exchange.getReturnType().getMethod("getIoThread");
    Method connection = exchange.getReturnType().getMethod("getConnection");
    if (!Executor.class.isAssignableFrom(ioThread.getReturnType())
        || !Closeable.class.isAssignableFrom(connection.getReturnType())) {
      throw new NoSuchMethodException(ioThread + " or " + connection + " returns something else");
    }
    return new UndertowAccess(
        requestContext.getMethod("current"), exchange, ioThread, connection, calls);
  }

  /**
   * Returns the I/O thread of the request that the calling thread serves.
   *
   * @throws IllegalStateException if it cannot be had: then nothing may be written
   */
  OwnThread ownThread(HttpServletRequest request) {
    try {
      // Undertow's own record, and not the request at hand: that may be wrapped by filters.
      Object served = exchange.invoke(currentRequest.invoke(null));
      boolean shared = !request.getProtocol().startsWith("HTTP/1.");
      Executor thread = (Executor) ioThread.invoke(served);
      return new OwnThread(
          lanes.computeIfAbsent(thread, each -> new Lane(each, calls)),
          shared ? null : (Closeable) connection.invoke(served));
    } catch (IllegalAccessException | InvocationTargetException | NullPointerException e) {
      throw new IllegalStateException("Undertow does not tell the I/O thread of a request", e);
    }
  }
}
