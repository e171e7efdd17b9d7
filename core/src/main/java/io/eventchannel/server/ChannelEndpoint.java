package io.eventchannel.server;

import java.util.concurrent.CompletionStage;

/** Serves a feed to channels: what an adapter mounts at a URL. Thread-safe. */
public final class ChannelEndpoint implements AutoCloseable {
  ChannelEndpoint() {}

  /** Decides about a request for a connection; for adapters. */
  public Admission admit(Handshake handshake) {
    throw new UnsupportedOperationException();
  }

  /** Takes upstream events that an SSE client posted; for adapters. */
  public CompletionStage<Answer> post(Handshake handshake, byte[] body) {
    throw new UnsupportedOperationException();
  }

  /** The answer to a request of another method; for adapters. */
  public Answer otherMethod(String method, Handshake handshake) {
    throw new UnsupportedOperationException();
  }

  /** The longest POST body to read, in bytes; for adapters. */
  public int maxPostBytes() {
    throw new UnsupportedOperationException();
  }

  /** Ends every channel with a goodbye. Idempotent. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
