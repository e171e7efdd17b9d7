package io.eventchannel.jakarta;

import io.eventchannel.server.Admission;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One upgrade of an admitted request to WebSocket, and what carries its admission from the request
 * to the session.
 *
 * <p>The Jakarta API gives a session neither the remote address nor anything else of the request,
 * and user properties that are put into the configuration before the upgrade do not reach the
 * session everywhere. So each upgrade has a configuration of its own, whose configurator makes an
 * endpoint that knows the upgrade.
 *
 * <p>The configurator's {@code modifyHandshake} is also the only portable sign that the upgrade
 * came about: containers throw, answer by themselves, or return in silence with an untouched 200.
 */
final class WebSocketUpgrade {
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
    UpgradeConfig config = new UpgradeConfig(upgrade, Tomcat.made(container));
    String failure = null;
    try {
      ((ServerContainer) container).upgradeHttpToWebSocket(request, response, config, Map.of());
    } catch (Exception e) { // each container has its own way to say no
      ChannelServlet.LOG.log(System.Logger.Level.WARNING, "WebSocket upgrade failed", e);
      failure = "WebSocket upgrade failed";
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

  /** The container is about to answer that it switches protocols, on the request's thread. */
  Map<String, String> handshake() {
    handshaken = true;
    return admission.headers();
  }

  /** Takes the admission for a session; false if it has been taken, or the upgrade failed. */
  boolean take() {
    return taken.compareAndSet(false, true);
  }

  private void cancel() {
    if (take()) {
      admission.cancel();
    }
  }
}
