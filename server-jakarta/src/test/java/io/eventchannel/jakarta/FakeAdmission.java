package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import io.eventchannel.codec.WireFormat;
import io.eventchannel.server.Admission;
import io.eventchannel.server.Answer;
import io.eventchannel.server.spi.Outlet;
import io.eventchannel.server.spi.OutletListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Records, in order, what an adapter does with an admission and tells its connection's owner. */
final class FakeAdmission implements Admission, OutletListener {
  final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final WireFormat format;
  private final long writeTimeoutMillis;

  /** What the engine does when it is told. */
  volatile Runnable onReady = () -> {};

  volatile Outlet outlet;

  FakeAdmission(WireFormat format, long writeTimeoutMillis) {
    this.format = format;
    this.writeTimeoutMillis = writeTimeoutMillis;
  }

  @Override
  public Answer refusal() {
    return null;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of();
  }

  @Override
  public String subprotocol() {
    return null;
  }

  @Override
  public WireFormat format() {
    return format;
  }

  @Override
  public int maxUpstreamBytes() {
    return 100;
  }

  @Override
  public long writeTimeoutMillis() {
    return writeTimeoutMillis;
  }

  @Override
  public OutletListener open(Outlet opened) {
    told.add("open");
    outlet = opened;
    return this;
  }

  @Override
  public void cancel() {
    told.add("cancel");
  }

  @Override
  public void ready() {
    told.add("ready");
    onReady.run();
  }

  @Override
  public void pong() {
    told.add("pong");
  }

  @Override
  public void received(byte[] frame) {
    told.add("received " + frame.length);
  }

  @Override
  public void closed(CloseReason reason) {
    told.add("closed " + reason.kind());
  }
}
