package io.eventchannel.tck;

import io.eventchannel.Capability;
import io.eventchannel.ChannelState;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.Receipt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A channel on which nothing happens: the argument of listener calls which a test makes itself. */
record StillChannel(String id) implements EventChannel {
  @Override
  public ChannelState state() {
    return ChannelState.OPEN;
  }

  @Override
  public String transport() {
    return "still";
  }

  @Override
  public Set<String> topics() {
    return Set.of();
  }

  @Override
  public String lastEventId() {
    return "";
  }

  @Override
  public boolean supports(Capability capability) {
    return false;
  }

  @Override
  public CompletionStage<Receipt> send(Event event) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("still"));
  }

  @Override
  public void commit(String lastEventId) {
    throw new UnsupportedOperationException("still");
  }

  @Override
  public void close(int code, String reason) {}
}
