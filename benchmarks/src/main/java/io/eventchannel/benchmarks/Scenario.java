package io.eventchannel.benchmarks;

import java.io.IOException;

/** What a {@link LoadClient} does with a server. */
interface Scenario {
  /** Does it and returns what was found, one line of JSON. */
  String run() throws IOException;
}
