package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.server.spi.OutletListener;

/** Passes on to a gate that its outlet is ready. */
final class OnlyReady implements OutletListener {
  private final OutletGate gate;

  OnlyReady(OutletGate gate) {
    this.gate = gate;
  }

  @Override
  public void ready() {
    gate.ready();
  }

  @Override
  public void pong() {}

  @Override
  public void received(byte[] frame) {}

  @Override
  public void closed(CloseReason reason) {}
}
