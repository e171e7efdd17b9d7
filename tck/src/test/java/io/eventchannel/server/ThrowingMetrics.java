package io.eventchannel.server;

import io.eventchannel.CloseReason;
import io.eventchannel.Gap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Throws whatever it is told, errors and exceptions in turn; used by one thread. */
final class ThrowingMetrics implements ServerMetrics {
  private final Set<String> called = new TreeSet<>();
  private int calls;

  /** Which kinds of calls there were, by name. */
  List<String> called() {
    return List.copyOf(called);
  }

  private void fail(String name) {
    called.add(name);
    if (calls++ % 2 == 0) {
      throw new IllegalStateException("made up");
    }
    throw new NoClassDefFoundError("made up");
  }

  @Override
  public void onPublished(long nanos) {
    fail("published");
  }

  @Override
  public void onPublishFailed(long nanos) {
    fail("publish failed");
  }

  @Override
  public void onOpened(String transport, boolean resumed) {
    fail("opened");
  }

  @Override
  public void onClosed(String transport, CloseReason reason) {
    fail("closed");
  }

  @Override
  public void onWritten(String transport, int events, int bytes) {
    fail("written");
  }

  @Override
  public void onReplayed(String transport, int events) {
    fail("replayed");
  }

  @Override
  public void onGap(String transport, Gap.Reason reason) {
    fail("gap");
  }

  @Override
  public void onLag(String transport, long events, boolean beyondWindow) {
    fail("lag");
  }

  @Override
  public void onStallBegan(String transport) {
    fail("stall began");
  }

  @Override
  public void onStallEnded(String transport, long nanos) {
    fail("stall ended");
  }

  @Override
  public void onDelivered(long nanos) {
    fail("delivered");
  }
}
