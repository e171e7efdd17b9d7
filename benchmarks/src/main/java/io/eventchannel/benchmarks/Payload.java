package io.eventchannel.benchmarks;

/** Takes what the frames or chunks of one connection hold, in pieces cut anywhere. */
interface Payload {
  /** Takes the next bytes. */
  void feed(byte[] bytes, int from, int to);

  /** A message of a WebSocket is at its end. */
  default void endMessage() {}
}
