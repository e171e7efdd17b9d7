/**
 * The seam beneath the client engine: what a transport implements, and the ports of the platform
 * (time, network state).
 */
@NullMarked
package io.eventchannel.transport;

import org.jspecify.annotations.NullMarked;
