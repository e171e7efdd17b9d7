/** What the benchmarks see of the engine. */
@NullMarked
package io.eventchannel.server;

import org.jspecify.annotations.NullMarked;
