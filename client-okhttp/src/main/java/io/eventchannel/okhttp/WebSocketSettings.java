package io.eventchannel.okhttp;

import io.eventchannel.transport.Scheduler;
import java.util.Random;
import java.util.concurrent.Executor;

/** What all connections of a WebSocket transport share. Immutable. */
final class WebSocketSettings {
  final Scheduler scheduler;
  final Executor writers;
  final Random keys;
  final long closeTimeoutNanos;
  final long writeTimeoutNanos;

  /**
   * Creates them.
   *
   * @param writers where connections write
   * @param keys where handshake keys and masks come from; thread-safe
   * @param closeTimeoutNanos how long a peer may take to end the stream after our close frame
   * @param writeTimeoutNanos how long the socket may take for one piece
   */
  WebSocketSettings(
      Scheduler scheduler,
      Executor writers,
      Random keys,
      long closeTimeoutNanos,
      long writeTimeoutNanos) {
    this.scheduler = scheduler;
    this.writers = writers;
    this.keys = keys;
    this.closeTimeoutNanos = closeTimeoutNanos;
    this.writeTimeoutNanos = writeTimeoutNanos;
  }
}
