package io.eventchannel.jakarta;

import io.eventchannel.server.Admission;
import io.eventchannel.server.Answer;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.Handshake;
import io.eventchannel.server.PostAdmission;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Serves one endpoint: copies each request into a {@link Handshake}, lets the endpoint decide, and
 * carries the decision out. Everything that can be refused is refused here by an HTTP status,
 * before a stream or a session begins.
 */
final class ChannelServlet implements Servlet {
  static final System.Logger LOG = System.getLogger("io.eventchannel.jakarta");
  static final String VERSION = "EventChannel-Version";

  private static final String SERVER_CONTAINER = "jakarta.websocket.server.ServerContainer";

  // Streams carry small events, each flushed, and some containers hold a buffer for each stream. Of
  // 4 KiB or less, Jetty takes it from the same pool as a small one for each write, and looks there
  // through those of all streams: with 1,000 streams two thirds of a burst's cost.
  private static final int STREAM_BUFFER_BYTES = 8 * 1024;

  // Undertow keeps what does not leave in a flush in this buffer until the next write and says that
  // it is ready; what does not fit into the buffer it finishes by itself and says when.
  private static final int UNBUFFERED = 1;

  private static final long POST_DEADLINE_MILLIS = 30_000;

  /** How long a stop waits for goodbyes to leave; a healthy peer takes milliseconds. */
  private static final long STOP_MILLIS = 2_000;

  private final ChannelEndpoint endpoint;
  private final long postDeadlineMillis;
  private final ContainerCalls calls = new ContainerCalls();
  private final Home home;
  private final AtomicBoolean unmounted = new AtomicBoolean();

  // Set by init, before the container publishes the servlet.
  private @Nullable ServletConfig config;
  private @Nullable UndertowAccess undertow;

  ChannelServlet(ChannelEndpoint endpoint) {
    this(endpoint, POST_DEADLINE_MILLIS);
  }

  /**
   * Creates one.
   *
   * @param postDeadlineMillis how long a POST may take from its head to its answer
   */
  ChannelServlet(ChannelEndpoint endpoint, long postDeadlineMillis) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.postDeadlineMillis = postDeadlineMillis;
    this.home = new Home(calls, BodyRoom.forBodiesOf(endpoint.maxPostBytes()));
  }

  /**
   * Takes up the container's ways. On Undertow a write that fails on any thread but the
   * connection's own puts bytes of one user into the answer of another, so without those threads an
   * application that does not start is the better one.
   */
  @Override
  public void init(ServletConfig config) throws ServletException {
    ServletContext context = config.getServletContext();
    if (UndertowAccess.isAt(context)) {
      try {
        undertow = UndertowAccess.of(context, calls);
      } catch (ReflectiveOperationException e) {
        LOG.log(System.Logger.Level.ERROR, "no way to Undertow's I/O threads", e);
        throw new UnavailableException(
            "EventChannel needs the I/O threads of Undertow: expected 2.3, got "
                + context.getServerInfo());
      }
    }
    this.config = config;
  }

  private Home homeOf(HttpServletRequest request) {
    UndertowAccess access = undertow;
    return access == null ? home : home.on(access.ownThread(request));
  }

  @Override
  public void service(ServletRequest anyRequest, ServletResponse anyResponse)
      throws ServletException, IOException {
    if (!(anyRequest instanceof HttpServletRequest)
        || !(anyResponse instanceof HttpServletResponse)) {
      throw new ServletException("expected an HTTP request");
    }
    HttpServletRequest request = (HttpServletRequest) anyRequest;
    HttpServletResponse response = (HttpServletResponse) anyResponse;
    try {
      route(request, response);
    } catch (RuntimeException | Error e) { // the container's page would show it to the client
      LOG.log(System.Logger.Level.ERROR, "request failed", e);
      if (response.isCommitted() || request.isAsyncStarted()) {
        throw e; // the container ends what has begun, and tells the listeners
      }
      response.reset();
      HttpAnswers.text(response, 500, "internal error");
    }
  }

  private void route(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Object decided = LateDecision.takeFrom(request);
    if (decided instanceof Admission) {
      stream((Admission) decided, request, response);
      return;
    }
    if (decided instanceof PostAdmission) {
      take((PostAdmission) decided, request, response);
      return;
    }
    String method = request.getMethod();
    boolean webSocket = method.equals("GET") && OpeningHandshake.isAskedBy(request);
    Handshake.Kind kind =
        webSocket
            ? Handshake.Kind.WEBSOCKET
            : method.equals("POST") ? Handshake.Kind.POST : Handshake.Kind.SSE;
    Handshake handshake;
    try {
      handshake = Handshakes.of(kind, request);
    } catch (IllegalArgumentException malformed) {
      response.setHeader(VERSION, "1");
      HttpAnswers.text(response, 400, String.valueOf(malformed.getMessage()));
      return;
    }
    if (webSocket) {
      upgrade(handshake, request, response);
    } else if (method.equals("GET")) {
      if (supportsAsync(request, response)) {
        CompletableFuture<Admission> deciding =
            endpoint.admitAsync(handshake).toCompletableFuture();
        if (deciding.isDone()) {
          stream(now(deciding), request, response);
        } else {
          LateDecision.await(request, response, deciding, Admission::cancel);
        }
      }
    } else if (!method.equals("POST")) {
      HttpAnswers.write(response, endpoint.otherMethod(method, handshake));
    } else if (supportsAsync(request, response)) {
      CompletableFuture<PostAdmission> deciding =
          endpoint.admitPost(handshake).toCompletableFuture();
      if (deciding.isDone()) {
        take(now(deciding), request, response);
      } else {
        LateDecision.await(request, response, deciding, unwanted -> {});
      }
    }
  }

  private static <T> T now(CompletableFuture<T> decided) {
    try {
      return decided.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the endpoint failed", e.getCause());
    }
  }

  private void take(
      PostAdmission admission, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    PostExchange.start(
        admission, endpoint.maxPostBytes(), request, response, postDeadlineMillis, homeOf(request));
  }

  private void upgrade(
      Handshake handshake, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!OpeningHandshake.check(request, response)) {
      return;
    }
    // Asked for each time: Spring Boot sets the attribute after it has initialised servlets.
    Object container = request.getServletContext().getAttribute(SERVER_CONTAINER);
    if (container == null) { // no version header, as in OpeningHandshake: the client goes on by SSE
      HttpAnswers.text(response, 501, "this server has no WebSocket");
      return;
    }
    // On this thread, however long the authorizer takes: Tomcat upgrades no request that it serves
    // again, and none of the APIs has another way to come back to one.
    Admission admission = endpoint.admit(handshake);
    Answer refusal = admission.refusal();
    if (refusal != null) {
      HttpAnswers.write(response, refusal);
      return;
    }
    WebSocketUpgrade.run(container, request, response, admission, homeOf(request));
  }

  private void stream(Admission admission, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Answer refusal = admission.refusal();
    if (refusal != null) {
      HttpAnswers.write(response, refusal);
      return;
    }
    boolean started = false;
    try {
      Home at = homeOf(request);
      response.setBufferSize(at.isOwn() ? UNBUFFERED : STREAM_BUFFER_BYTES);
      response.setStatus(HttpServletResponse.SC_OK);
      admission.headers().forEach((name, value) -> HttpAnswers.put(response, name, value));
      SseOutlet.start(admission, request.startAsync(request, response), at);
      started = true;
    } finally {
      if (!started) {
        admission.cancel();
      }
    }
  }

  private static boolean supportsAsync(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.isAsyncSupported()) {
      return true;
    }
    LOG.log(
        System.Logger.Level.ERROR,
        "asynchronous requests are switched off: register the servlet, and every filter in front"
            + " of it, with asyncSupported=true");
    HttpAnswers.text(response, 500, "asynchronous requests are switched off on this server");
    return false;
  }

  /** Closes the endpoint and waits a moment for its connections to end; the first time. */
  void unmount() {
    if (!unmounted.compareAndSet(false, true)) {
      return;
    }
    endpoint.close();
    try {
      if (!home.connections.awaitNone(STOP_MILLIS)) {
        LOG.log(
            System.Logger.Level.INFO,
            "{0} connections were still open when the servlet stopped",
            home.connections.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void destroy() {
    unmount();
    calls.close();
  }

  @Override
  public @Nullable ServletConfig getServletConfig() {
    return config;
  }

  @Override
  public String getServletInfo() {
    return "EventChannel";
  }
}
