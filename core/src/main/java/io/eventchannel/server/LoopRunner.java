package io.eventchannel.server;

import java.util.concurrent.Executor;

/** Runs the passes of loops; told what may make it use more threads. */
@FunctionalInterface
interface LoopRunner extends Executor {
  /** A pass has gone on for a while, and does. */
  default void busy() {}

  /** All loops that the last publish concerns were given to it. */
  default void published() {}
}
