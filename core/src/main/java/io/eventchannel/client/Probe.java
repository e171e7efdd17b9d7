package io.eventchannel.client;

import io.eventchannel.Event;
import io.eventchannel.codec.ControlData;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection without a subscription, which shows whether its transport passes: it must be
 * answered by a server of ours and then hear of it once more after nearly a heartbeat, so that what
 * lets a handshake through and no more is seen. It pings, so bytes must pass both ways.
 */
final class Probe implements Attempt.Owner {
  // Nearly a heartbeat; the first comes at any moment of the interval, the next an interval later.
  private static final double SHARE_OF_HEARTBEAT = 0.875;
  // As long as any silence may last before it is death.
  private static final double HEARTBEATS_TO_WAIT = 2.5;

  private final WayBack wayBack;
  private final ChannelEngine engine;
  private final ClientSettings settings;
  private final ChannelRequest request;

  // All guarded by the channel's lock.
  @Nullable Connection connection;
  private boolean answered;
  private boolean measuring;
  private long enoughAt;

  Probe(WayBack wayBack, ChannelEngine engine, ClientSettings settings, ChannelRequest request) {
    this.wayBack = wayBack;
    this.engine = engine;
    this.settings = settings;
    this.request = request;
  }

  private void decide(Runnable decision) {
    engine.decide(
        () -> {
          if (wayBack.isCurrent(this)) {
            decision.run();
          }
        });
  }

  @Override
  public void authorised(Credentials credentials) {} // too short a life to outlast them

  @Override
  public @Nullable ConnectRequest describe(List<Map.Entry<String, String>> headers) {
    return engine.isWanted(this) ? request.describeProbe(settings, headers) : null;
  }

  @Override
  public void connecting(Connection made) {
    engine.decide(
        () -> {
          connection = made;
          if (!wayBack.isCurrent(this)) {
            engine.callOut(made::cancel);
          } else if (measuring) {
            engine.callOut(made::ping); // it was open before we had it
          }
        });
  }

  @Override
  public void onOpen(ConnectionInfo info) {
    decide(
        () -> {
          if (!info.recognised()) {
            wayBack.failed();
          } else if (info.channelId() != null) {
            measureFrom(info.heartbeatMillis());
          }
        });
  }

  @Override
  public void onEvent(Event event, @Nullable String position) {
    decide(
        () -> {
          if (!answered && event.type().equals(ControlData.HELLO)) {
            measureFrom(ControlData.of(event).number("heartbeat", -1));
          }
          answered = true;
          heard();
        });
  }

  private void measureFrom(long heartbeatMillis) {
    long interval = settings.heartbeatPolicy.intervalMillis(heartbeatMillis) * 1_000_000;
    if (measuring || interval < 0) {
      return;
    }
    measuring = true;
    enoughAt = settings.scheduler.nanoTime() + (long) (interval * SHARE_OF_HEARTBEAT);
    wayBack.expectWithin((long) (interval * HEARTBEATS_TO_WAIT));
    if (connection != null) {
      engine.callOut(connection::ping);
    }
  }

  private void heard() {
    if (measuring && settings.scheduler.nanoTime() - enoughAt >= 0) {
      wayBack.passed();
    }
  }

  @Override
  public void onActivity() {
    decide(this::heard);
  }

  @Override
  public void onPosition(String position) {
    decide(this::heard);
  }

  @Override
  public void onRetryHint(long millis) {}

  @Override
  public void onAcknowledged(long seq) {}

  @Override
  public void onRefused(long seq, String reason) {}

  @Override
  public void onClosed(ConnectionEnd end) {
    decide(wayBack::failed);
  }
}
