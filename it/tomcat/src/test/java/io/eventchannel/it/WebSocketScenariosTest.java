package io.eventchannel.it;

import io.eventchannel.policy.TransportPreference;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The scenarios over WebSocket alone. */
final class WebSocketScenariosTest {
  @Nested
  class Cuts extends CutScenarios {
    Cuts() {
      super(TransportPreference.webSocketOnly());
    }
  }

  @Nested
  class Silences extends SilenceScenarios {
    Silences() {
      super(TransportPreference.webSocketOnly());
    }

    @Override
    @Test
    @Disabled("OkHttp's reader tells nothing of a frame before its end: a long one is silence")
    void F09_slowBytesAreBytes() throws Exception {
      super.F09_slowBytesAreBytes();
    }
  }

  @Nested
  class Connects extends ConnectScenarios {
    Connects() {
      super(TransportPreference.webSocketOnly());
    }
  }
}
