package io.eventchannel.tck;

import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;

class InMemoryEventLogContractTest extends EventLogContract {
  @Override
  protected EventLog createLog() {
    return InMemoryEventLog.builder().maxEventsPerTopic(20_000).build();
  }

  @Override
  protected EventLog createLogHolding(int eventsPerTopic) {
    return InMemoryEventLog.builder().maxEventsPerTopic(eventsPerTopic).build();
  }

  @Override
  protected EventLog restart(EventLog log) {
    log.close();
    return createLog();
  }
}
