package io.eventchannel.benchmarks;

import org.jspecify.annotations.Nullable;

/** What outlives the connections of one client of the {@link LoadClient}. One thread's. */
final class Subscription {
  final int index;
  final String query; // of its URL
  final boolean resumes; // so that IDs are looked for
  int receiveBuffer; // of its socket; 0 for the system's choice
  @Nullable String lastId; // of what its former connections received
  @Nullable SequenceCheck check; // while a broadcast is measured

  Subscription(int index, String query, boolean resumes) {
    this.index = index;
    this.query = query;
    this.resumes = resumes;
  }
}
