/**
 * The reconnection and Last-Event-ID policies: immutable values and pure decisions. Knows no
 * transport, no clock and no thread; whatever happened comes in as a value, randomness included.
 */
@NullMarked
package io.eventchannel.policy;

import org.jspecify.annotations.NullMarked;
