package io.eventchannel.jakarta;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for the endpoint's decision without a thread. Once there is one, the
 * container is asked to serve the request again (Servlet 6.0, section 2.3.3.3), and the servlet
 * finds the decision with it.
 *
 * <p>As in {@link SseOutlet}, the container's callbacks take the lock before they return: when the
 * request has ended otherwise, the container may use its {@code AsyncContext} for another one.
 *
 * @param <T> what is decided
 */
final class LateDecision<T> implements AsyncListener {
  private static final String KEY = "io.eventchannel.jakarta.decision";

  private final AsyncContext async;
  private final Consumer<T> unwanted;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private boolean over; // taken, or the request has ended
  private @Nullable T decision;
  private @Nullable Throwable failure;

  private LateDecision(AsyncContext async, Consumer<T> unwanted) {
    this.async = async;
    this.unwanted = unwanted;
  }

  /**
   * Leaves the request to wait.
   *
   * @param unwanted gives back a decision that comes when the request has ended
   */
  static <T> void await(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletionStage<T> deciding,
      Consumer<T> unwanted) {
    AsyncContext async = request.startAsync(request, response);
    async.setTimeout(0); // the endpoint bounds the time, and says so in its answer
    LateDecision<T> waiting = new LateDecision<>(async, unwanted);
    async.addListener(waiting);
    request.setAttribute(KEY, waiting);
    deciding.whenComplete(waiting::decided);
  }

  /** The decision for which the request has waited; null if it is a new request. */
  static @Nullable Object takeFrom(HttpServletRequest request) {
    Object waiting = request.getAttribute(KEY);
    if (!(waiting instanceof LateDecision)) {
      return null;
    }
    request.removeAttribute(KEY);
    return ((LateDecision<?>) waiting).take();
  }

  private T take() {
    lock.lock();
    try {
      T taken = decision;
      if (over || taken == null) {
        throw new IllegalStateException("served again without a decision", failure);
      }
      over = true;
      decision = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void decided(@Nullable T made, @Nullable Throwable cause) {
    boolean ended;
    lock.lock();
    try {
      ended = over;
      if (!ended) {
        decision = made;
        failure = cause;
        async.dispatch();
      }
    } catch (IllegalStateException gone) { // the container has ended it by itself
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "a decision comes too late", gone);
      ended = true;
      over = true;
      decision = null;
    } finally {
      lock.unlock();
    }
    if (ended && made != null) {
      unwanted.accept(made);
    }
  }

  private void ended() {
    T left;
    lock.lock();
    try {
      over = true;
      left = decision;
      decision = null;
    } finally {
      lock.unlock();
    }
    if (left != null) {
      unwanted.accept(left);
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    ended();
  }

  @Override
  public void onError(AsyncEvent event) {
    ended();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
