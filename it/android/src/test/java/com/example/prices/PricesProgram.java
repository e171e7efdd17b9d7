package com.example.prices;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.policy.TransportPreference;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;

/**
 * A client on the JVM that is shrunk like an application's: says what came over WebSocket, then
 * what came over SSE.
 */
public final class PricesProgram {
  private PricesProgram() {}

  /** The argument is the feed. */
  public static void main(String[] args) throws Exception {
    talk(args[0], TransportPreference.webSocketOnly());
    talk(args[0], TransportPreference.sseOnly());
  }

  private static void talk(String url, TransportPreference transport) throws Exception {
    CompletableFuture<Event> price = new CompletableFuture<>();
    try (ChannelClient client =
        OkHttpChannels.newClient(new OkHttpClient()).transportPreference(transport).build()) {
      EventChannel channel =
          client.open(
              url,
              new EventChannelListener() {
                @Override
                public void onEvent(EventChannel from, Event event) {
                  price.complete(event);
                }

                @Override
                public void onClosed(EventChannel closed, CloseReason reason) {
                  price.completeExceptionally(new IllegalStateException(reason.toString()));
                }
              });
      channel.send(Event.of("order", "{\"buy\":1}")).toCompletableFuture().get();
      System.out.println(channel.transport() + ": " + price.get().data());
    }
  }
}
