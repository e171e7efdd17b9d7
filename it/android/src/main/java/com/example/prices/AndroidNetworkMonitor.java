package com.example.prices;

import android.content.Context;
import android.net.ConnectivityManager;
import android.net.Network;
import io.eventchannel.transport.NetworkMonitor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells channels which network Android uses by default. */
public final class AndroidNetworkMonitor implements NetworkMonitor {
  private final ConnectivityManager connectivity;

  public AndroidNetworkMonitor(Context context) {
    // An activity's manager would keep the activity alive as long as the client.
    connectivity = context.getApplicationContext().getSystemService(ConnectivityManager.class);
  }

  @Override
  public AutoCloseable start(Listener listener) {
    ConnectivityManager.NetworkCallback callback = new DefaultNetwork(listener);
    connectivity.registerDefaultNetworkCallback(callback);
    AtomicBoolean registered = new AtomicBoolean(true);
    return () -> {
      if (registered.getAndSet(false)) { // Android refuses a second time
        connectivity.unregisterNetworkCallback(callback);
      }
    };
  }

  static final class DefaultNetwork extends ConnectivityManager.NetworkCallback {
    private final Listener listener;
    private Network last; // all calls come on one thread

    DefaultNetwork(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onAvailable(Network network) {
      boolean another = last != null && !last.equals(network);
      last = network;
      if (another) {
        listener.onChanged();
      } else {
        listener.onAvailable();
      }
    }
  }
}
