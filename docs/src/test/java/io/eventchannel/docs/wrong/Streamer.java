package io.eventchannel.docs.wrong;

import java.util.concurrent.Flow;

/** Wrong on purpose: a type of Flow outside a publisher. */
final class Streamer {
  Flow.Subscription subscription;
}
