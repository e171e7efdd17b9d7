/**
 * Serves a {@link io.eventchannel.server.ChannelEndpoint} from a Jakarta container: {@link
 * io.eventchannel.jakarta.JakartaChannels} mounts WebSocket, SSE and POST at one URL.
 */
@NullMarked
package io.eventchannel.jakarta;

import org.jspecify.annotations.NullMarked;
