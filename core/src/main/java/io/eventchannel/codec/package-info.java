/**
 * Bytes in, events out, and back: SSE, the JSON envelope, the binary frame. Starts no thread, opens
 * no socket, has no clock.
 */
@NullMarked
package io.eventchannel.codec;

import org.jspecify.annotations.NullMarked;
