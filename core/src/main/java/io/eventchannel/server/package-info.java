/**
 * The server engine: {@link io.eventchannel.server.EventFeed} publishes, {@link
 * io.eventchannel.server.ChannelEndpoint} serves a feed to channels over any container.
 */
@NullMarked
package io.eventchannel.server;

import org.jspecify.annotations.NullMarked;
