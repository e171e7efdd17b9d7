package io.eventchannel.docs.wrong.okhttp;

import io.eventchannel.docs.wrong.client.Engine;

/** Right: an adapter knows the engine below it. */
public final class Adapter {
  Engine engine;
}
