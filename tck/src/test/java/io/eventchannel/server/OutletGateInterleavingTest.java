package io.eventchannel.server;

import io.eventchannel.codec.WireFormat;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.spi.Batch;
import io.eventchannel.tck.Interleavings;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The owner writes while the container says that it is ready, in every order of their steps. */
@Tag("interleaving")
class OutletGateInterleavingTest {
  @Test
  void INV_13_oneWriteIsUnderWayAtATimeAndNoReadyIsForgotten() {
    Interleavings.options(6, 200, Batch.class)
        .threads(2)
        .actorsBefore(0)
        .actorsPerThread(4)
        .check(Writes.class);
  }

  /** The gate before an outlet whose writes are finished by another thread, perhaps at once. */
  public static class Writes {
    private static final Batch BATCH = new Batch(WireFormat.SSE, new byte[1], false);

    private final SlowOutlet outlet = new SlowOutlet(null);
    private final OutletGate gate =
        new OutletGate(
            outlet,
            new Vitals(
                new Vitals.Rules(new StillClock(), 1_000_000_000L, SlowConsumerPolicy.stayInLog()),
                1,
                0,
                null),
            new ConnectionMetrics(ServerMetrics.none(), WireFormat.SSE));

    public Writes() {
      outlet.listener = new OnlyReady(gate);
    }

    @Operation(nonParallelGroup = "owner")
    public void writeIfWritable() {
      if (gate.isWritable()) {
        gate.write(BATCH);
      }
    }

    @Operation(nonParallelGroup = "container")
    public void finishWrite() {
      outlet.finishWrite();
    }

    @Validate
    public void whatIsFinishedLeavesItWritable() {
      outlet.finishWrite();
      if (!gate.isWritable() || !outlet.faults.isEmpty()) {
        throw new IllegalStateException("writable: " + gate.isWritable() + ", " + outlet.faults);
      }
    }
  }
}
