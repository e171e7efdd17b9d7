package io.eventchannel.docs.wrong.internal;

import io.eventchannel.docs.wrong.client.Engine;
import io.eventchannel.docs.wrong.okhttp.Adapter;
import java.util.List;

/**
 * Wrong on purpose: imports which hide in an array and in a type argument. Its clock is allowed.
 */
final class Hidden {
  Adapter[] adapters;
  List<Engine> engines;

  long now() {
    return System.nanoTime();
  }

  static final class Inner {
    long now() {
      return System.currentTimeMillis();
    }
  }
}
