package io.eventchannel.tck;

import io.eventchannel.internal.SystemScheduler;
import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** The contract holds for answers that come late and in any order, as long as none fails. */
class LateEventLogContractTest extends EventLogContract {
  private final SystemScheduler scheduler = new SystemScheduler("late-event-log");
  private final AtomicLong seeds = new AtomicLong();
  private final Map<EventLog, EventLog> remotes = new ConcurrentHashMap<>();

  @AfterEach
  void stop() {
    remotes.values().forEach(EventLog::close);
    scheduler.close();
  }

  private EventLog handleOn(EventLog remote) {
    EventLog handle =
        LateEventLog.builder(remote, scheduler, seeds.incrementAndGet())
            .maxDelay(Duration.ofNanos(100_000))
            .build();
    remotes.put(handle, remote);
    return handle;
  }

  @Override
  protected EventLog createLog() {
    return handleOn(InMemoryEventLog.builder().maxEventsPerTopic(20_000).build());
  }

  @Override
  protected EventLog createLogHolding(int eventsPerTopic) {
    return handleOn(InMemoryEventLog.builder().maxEventsPerTopic(eventsPerTopic).build());
  }

  @Override
  protected EventLog restart(EventLog log) {
    log.close();
    return createLog();
  }

  @Override
  protected EventLog secondHandle(EventLog log) {
    return handleOn(remotes.get(log));
  }
}
