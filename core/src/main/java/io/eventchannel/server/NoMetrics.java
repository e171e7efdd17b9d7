package io.eventchannel.server;

/** Tells nobody. */
enum NoMetrics implements ServerMetrics {
  INSTANCE
}
