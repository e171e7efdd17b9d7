/** The seam beneath the server engine: what an adapter to a container implements. */
@NullMarked
package io.eventchannel.server.spi;

import org.jspecify.annotations.NullMarked;
