package io.eventchannel.it;

import io.eventchannel.policy.TransportPreference;
import org.junit.jupiter.api.Nested;

/** The scenarios over SSE alone. */
final class SseScenariosTest {
  @Nested
  class Cuts extends CutScenarios {
    Cuts() {
      super(TransportPreference.sseOnly());
    }
  }

  @Nested
  class Silences extends SilenceScenarios {
    Silences() {
      super(TransportPreference.sseOnly());
    }
  }

  @Nested
  class Connects extends ConnectScenarios {
    Connects() {
      super(TransportPreference.sseOnly());
    }
  }

  @Nested
  class Binaries extends BinaryScenarios {
    Binaries() {
      super(TransportPreference.sseOnly());
    }
  }
}
