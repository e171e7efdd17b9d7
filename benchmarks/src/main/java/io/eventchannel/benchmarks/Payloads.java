package io.eventchannel.benchmarks;

import java.io.IOException;

/**
 * Takes the bytes of one connection behind its handshake, and finds the payload in them; pieces
 * come cut anywhere. Not thread-safe.
 */
interface Payloads {
  /**
   * Takes the next bytes.
   *
   * @throws IOException if the peer ends the connection by them
   */
  void feed(byte[] bytes, int from, int to) throws IOException;
}
