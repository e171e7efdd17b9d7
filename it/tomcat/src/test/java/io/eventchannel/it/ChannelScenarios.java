package io.eventchannel.it;

import io.eventchannel.client.ChannelClient;
import io.eventchannel.policy.TransportPreference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * What must hold of a channel on real sockets whatever carries it. Each set of scenarios extends
 * this and runs over WebSocket ({@link WebSocketScenariosTest}) and over SSE ({@link
 * SseScenariosTest}) alike.
 */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
abstract class ChannelScenarios {
  final TransportPreference only;

  private final List<Scenario> scenarios = new ArrayList<>();

  ChannelScenarios(TransportPreference only) {
    this.only = only;
  }

  Scenario scenario() throws IOException {
    return scenario(options -> {});
  }

  Scenario scenario(Consumer<ChannelClient.Builder> options) throws IOException {
    return scenario(new OkHttpClient(), options);
  }

  Scenario scenario(OkHttpClient okHttp, Consumer<ChannelClient.Builder> options)
      throws IOException {
    Scenario scenario = Scenario.over(only, okHttp, options);
    scenarios.add(scenario);
    return scenario;
  }

  @AfterEach
  void closeScenarios() throws IOException {
    for (Scenario scenario : scenarios) {
      scenario.close();
    }
  }
}
