package io.eventchannel.docs.wrong;

import java.util.concurrent.Flow;

/** Right: publishers may. */
final class GoodPublisher {
  Flow.Subscription subscription;
}
