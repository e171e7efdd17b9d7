package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import android.net.Network;
import io.eventchannel.transport.NetworkMonitor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AndroidNetworkMonitorTest {
  private final List<String> told = new ArrayList<>();
  private final AndroidNetworkMonitor.DefaultNetwork callback =
      new AndroidNetworkMonitor.DefaultNetwork(
          new NetworkMonitor.Listener() {
            @Override
            public void onAvailable() {
              told.add("available");
            }

            @Override
            public void onChanged() {
              told.add("changed");
            }
          });

  @Test
  void theFirstNetworkIsNoChange() {
    callback.onAvailable(new Network(100));
    assertEquals(List.of("available"), told);
  }

  @Test
  void anotherNetworkIsAChange() {
    callback.onAvailable(new Network(100));
    callback.onAvailable(new Network(101));
    callback.onLost(new Network(100));
    assertEquals(List.of("available", "changed"), told);
  }

  @Test
  void theSameNetworkAgainIsNoChange() {
    callback.onAvailable(new Network(100));
    callback.onAvailable(new Network(100));
    assertEquals(List.of("available", "available"), told);
  }

  @Test
  void anotherNetworkAfterAWhileWithoutAnyIsAChange() {
    callback.onAvailable(new Network(100));
    callback.onLost(new Network(100));
    callback.onAvailable(new Network(102));
    assertEquals(List.of("available", "changed"), told);
  }
}
