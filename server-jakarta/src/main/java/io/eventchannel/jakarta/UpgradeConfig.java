package io.eventchannel.jakarta;

import jakarta.websocket.Decoder;
import jakarta.websocket.Encoder;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a container is to know of the endpoint of one upgrade, and what it asks during the
 * handshake. Containers keep it as long as the session, so it holds little and lets go of the
 * upgrade.
 *
 * <p>All is asked on the request's thread, but for the endpoint, which is made when the session is:
 * behind the handshake, in the container's order.
 */
final class UpgradeConfig extends ServerEndpointConfig.Configurator
    implements ServerEndpointConfig {
  /** The API wants a path; nothing is deployed there, so nothing is matched against it. */
  private static final String PATH = "/eventchannel";

  private final Map<String, Object> properties;
  private @Nullable WebSocketUpgrade upgrade; // until its endpoint is made

  /**
   * Creates the configuration of an upgrade.
   *
   * @param copied whether the container copies user properties for itself
   */
  UpgradeConfig(WebSocketUpgrade upgrade, boolean copied) {
    this.properties = copied ? Map.of() : new ConcurrentHashMap<>();
    this.upgrade = upgrade;
  }

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

  /** Before it came here, the endpoint has checked it. */
  @Override
  public boolean checkOrigin(@Nullable String origin) {
    return true;
  }

  @Override
  public void modifyHandshake(
      ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
    Objects.requireNonNull(upgrade)
        .handshake()
        .forEach((name, value) -> response.getHeaders().put(name, List.of(value)));
  }

  @Override
  public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
    WebSocketUpgrade asked = upgrade;
    if (asked == null) {
      throw new InstantiationException("expected one endpoint for each upgrade, asked for another");
    }
    upgrade = null;
    return type.cast(new ChannelWebSocketEndpoint(asked));
  }

  /** Not the class of the instance: Jetty wants a public one, and ours is not. */
  @Override
  public Class<?> getEndpointClass() {
    return Endpoint.class;
  }

  @Override
  public String getPath() {
    return PATH;
  }

  /** The one that was chosen, if any, until the endpoint is made. */
  @Override
  public List<String> getSubprotocols() {
    WebSocketUpgrade asked = upgrade;
    String subprotocol = asked == null ? null : asked.admission.subprotocol();
    return subprotocol == null ? List.of() : List.of(subprotocol);
  }

  @Override
  public List<Extension> getExtensions() {
    return List.of();
  }

  @Override
  public ServerEndpointConfig.Configurator getConfigurator() {
    return this;
  }

  @Override
  public List<Class<? extends Encoder>> getEncoders() {
    return List.of();
  }

  @Override
  public List<Class<? extends Decoder>> getDecoders() {
    return List.of();
  }

  @Override
  public Map<String, Object> getUserProperties() {
    return properties;
  }
}
