/** Measurements; their results stand in docs/performance.md with the commands that made them. */
@NullMarked
package io.eventchannel.benchmarks;

import org.jspecify.annotations.NullMarked;
