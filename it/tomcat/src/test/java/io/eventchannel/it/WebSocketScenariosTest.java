package io.eventchannel.it;

import io.eventchannel.policy.TransportPreference;
import org.junit.jupiter.api.Nested;

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
  }

  @Nested
  class Connects extends ConnectScenarios {
    Connects() {
      super(TransportPreference.webSocketOnly());
    }
  }

  @Nested
  class Binaries extends BinaryScenarios {
    Binaries() {
      super(TransportPreference.webSocketOnly());
    }
  }
}
