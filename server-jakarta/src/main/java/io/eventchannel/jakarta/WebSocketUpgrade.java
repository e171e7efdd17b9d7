package io.eventchannel.jakarta;

import io.eventchannel.server.Admission;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One upgrade of an admitted request to WebSocket, and the token that carries its admission from
 * the request to the session.
 *
 * <p>The Jakarta API gives a session neither the remote address nor anything else of the request,
 * and what is put into the configuration before the upgrade does not reach the session everywhere.
 * What does, in every container that was measured: the container calls {@code modifyHandshake} on
 * the thread that asked for the upgrade, and what that puts into the user properties is the
 * session's. So the token waits in a thread-local while the container is asked, and moves into the
 * user properties from there.
 *
 * <p>That call is also the only portable sign that the upgrade came about: containers throw, answer
 * by themselves, or return in silence with an untouched 200.
 */
final class WebSocketUpgrade {
  /** The API wants a path; nothing is deployed there, so nothing is matched against it. */
  private static final String PATH = "/eventchannel";

  private static final String KEY = "io.eventchannel.jakarta.upgrade";
  private static final ThreadLocal<@Nullable WebSocketUpgrade> CURRENT = new ThreadLocal<>();

  // As many as there are subprotocols, and one for none.
  private static final Map<List<String>, ServerEndpointConfig> SHARED = new ConcurrentHashMap<>();

  final Admission admission;
  final Home home;
  private final AtomicBoolean taken = new AtomicBoolean(); // opened or cancelled, once
  private boolean handshaken; // confined to the request's thread

  WebSocketUpgrade(Admission admission, Home home) {
    this.admission = admission;
    this.home = home;
  }

  /**
   * Upgrades the request; whatever comes of it, the request is answered and the admission used.
   *
   * @param container the {@code ServerContainer}, typed so that a caller can do without the class
   */
  static void run(
      Object container,
      HttpServletRequest request,
      HttpServletResponse response,
      Admission admission,
      Home home)
      throws IOException {
    WebSocketUpgrade upgrade = new WebSocketUpgrade(admission, home);
    String failure = null;
    CURRENT.set(upgrade);
    try {
      ((ServerContainer) container)
          .upgradeHttpToWebSocket(
              request, response, upgrade.config(Tomcat.made(container)), Map.of());
    } catch (Exception e) { // each container has its own way to say no
      ChannelServlet.LOG.log(System.Logger.Level.WARNING, "WebSocket upgrade failed", e);
      failure = "WebSocket upgrade failed";
    } finally {
      CURRENT.remove();
    }
    if (failure == null && !upgrade.handshaken) {
      failure = "WebSocket upgrade refused by the container";
    }
    if (failure != null) {
      upgrade.cancel();
      if (!response.isCommitted()) {
        int status = response.getStatus();
        response.reset();
        HttpAnswers.text(response, status >= 400 ? status : 500, failure);
      }
    }
  }

  /**
   * What the container is to know of the endpoint. Tomcat gives {@code modifyHandshake} a copy for
   * each session and keeps the original as long: there one serves all. Others do not copy it before
   * that, so that two handshakes would share their user properties.
   */
  private ServerEndpointConfig config(boolean copied) {
    String subprotocol = admission.subprotocol();
    List<String> subprotocols = subprotocol == null ? List.of() : List.of(subprotocol);
    return copied
        ? SHARED.computeIfAbsent(subprotocols, WebSocketUpgrade::newConfig)
        : newConfig(subprotocols);
  }

  private static ServerEndpointConfig newConfig(List<String> subprotocols) {
    // Not the class of the instance, which Hooks makes: Jetty wants a public one, and ours is not.
    return ServerEndpointConfig.Builder.create(Endpoint.class, PATH)
        .configurator(Hooks.INSTANCE)
        .subprotocols(subprotocols)
        .build();
  }

  /** Takes the token out of a session; null if the session did not come about through us. */
  static @Nullable WebSocketUpgrade takeFrom(Session session, EndpointConfig config) {
    Object ofSession = session.getUserProperties().remove(KEY);
    // Also where the session has it: the container keeps the configuration as long as the session.
    Object ofConfig = config.getUserProperties().remove(KEY);
    Object token = ofSession == null ? ofConfig : ofSession;
    if (!(token instanceof WebSocketUpgrade)) {
      return null;
    }
    WebSocketUpgrade upgrade = (WebSocketUpgrade) token;
    return upgrade.taken.compareAndSet(false, true) ? upgrade : null;
  }

  private void cancel() {
    if (taken.compareAndSet(false, true)) {
      admission.cancel();
    }
  }

  /** What the container asks during the handshake, always on the request's thread. */
  private static final class Hooks extends ServerEndpointConfig.Configurator {
    static final Hooks INSTANCE = new Hooks();

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return supported.isEmpty() ? "" : supported.get(0); // the endpoint has chosen
    }

    /** None: permessage-deflate costs memory for each connection, and some have it on unasked. */
    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return List.of();
    }

    /** The endpoint has checked it; without the token nobody has. */
    @Override
    public boolean checkOrigin(@Nullable String origin) {
      return CURRENT.get() != null;
    }

    @Override
    public void modifyHandshake(
        ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
      WebSocketUpgrade upgrade = CURRENT.get();
      if (upgrade == null) {
        return;
      }
      if (SHARED.containsValue(config)) {
        return; // a Tomcat that does not copy it: refused, before sessions share what is theirs
      }
      upgrade.handshaken = true;
      config.getUserProperties().put(KEY, upgrade);
      upgrade
          .admission
          .headers()
          .forEach((name, value) -> response.getHeaders().put(name, List.of(value)));
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
      Endpoint endpoint = new ChannelWebSocketEndpoint();
      return type.cast(endpoint);
    }
  }
}
