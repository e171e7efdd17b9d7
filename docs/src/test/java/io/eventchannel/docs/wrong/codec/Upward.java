package io.eventchannel.docs.wrong.codec;

import io.eventchannel.docs.wrong.client.Engine;
import javax.net.ssl.SSLContext;

/** Wrong on purpose: a codec which knows an engine, a foreign API and threads. */
final class Upward {
  Engine engine = new Engine();
  SSLContext context;
  Thread thread;
}
