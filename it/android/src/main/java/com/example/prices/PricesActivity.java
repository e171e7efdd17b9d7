package com.example.prices;

import android.app.Activity;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.widget.TextView;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import io.eventchannel.client.ChannelRequest;

/** Shows what a channel says. */
public final class PricesActivity extends Activity {
  private final Handler mainThread = new Handler(Looper.getMainLooper());
  private TextView price;
  private EventChannel prices;

  @Override
  protected void onCreate(Bundle savedInstanceState) {
    super.onCreate(savedInstanceState);
    price = new TextView(this);
    setContentView(price);
    ChannelRequest request =
        ChannelRequest.builder("https://example.com/feed")
            .topic("prices")
            .cursorStore(
                new PreferencesCursorStore(
                    getSharedPreferences("channel-positions", MODE_PRIVATE), "prices"))
            .build();
    prices = ((PricesApplication) getApplication()).channels().open(request, new ShowPrices());
  }

  @Override
  protected void onDestroy() {
    prices.close();
    super.onDestroy();
  }

  private void show(String text) {
    mainThread.post(() -> price.setText(text));
  }

  private final class ShowPrices implements EventChannelListener {
    @Override
    public void onEvent(EventChannel channel, Event event) {
      show(event.data());
    }

    @Override
    public void onGap(EventChannel channel, Gap gap) {
      show("…"); // what is shown is older than it looks: load the present state
    }

    @Override
    public void onClosed(EventChannel channel, CloseReason reason) {
      show(reason.toString());
    }
  }
}
