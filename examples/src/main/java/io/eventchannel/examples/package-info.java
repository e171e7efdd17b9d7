/** Runnable programs: the demo and one small class for each question. */
@NullMarked
package io.eventchannel.examples;

import org.jspecify.annotations.NullMarked;
