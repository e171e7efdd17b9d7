package com.example.prices;

import android.app.Application;
import androidx.lifecycle.DefaultLifecycleObserver;
import androidx.lifecycle.LifecycleOwner;
import androidx.lifecycle.ProcessLifecycleOwner;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import okhttp3.OkHttpClient;

/** One client for the whole process, which holds connections only while the app is looked at. */
public final class PricesApplication extends Application {
  private ChannelClient channels;

  @Override
  public void onCreate() {
    super.onCreate();
    channels =
        OkHttpChannels.newClient(new OkHttpClient())
            .networkMonitor(new AndroidNetworkMonitor(this))
            .scheduler(new ElapsedTimeScheduler())
            .build();
    channels.pause(); // Android may have started the process for something that nobody sees
    ProcessLifecycleOwner.get()
        .getLifecycle()
        .addObserver(
            new DefaultLifecycleObserver() {
              @Override
              public void onStart(LifecycleOwner owner) {
                channels.resume();
              }

              @Override
              public void onStop(LifecycleOwner owner) {
                channels.pause();
              }
            });
  }

  public ChannelClient channels() {
    return channels;
  }
}
