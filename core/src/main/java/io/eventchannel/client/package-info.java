/**
 * The client engine: {@link io.eventchannel.client.ChannelClient} opens channels that reconnect and
 * resume over any {@link io.eventchannel.transport.Transport}.
 */
@NullMarked
package io.eventchannel.client;

import org.jspecify.annotations.NullMarked;
