/**
 * The client's transports on OkHttp: {@link io.eventchannel.okhttp.OkHttpChannels} for channels,
 * {@link io.eventchannel.okhttp.ResilientEventSources} for code written for okhttp-sse.
 */
@NullMarked
package io.eventchannel.okhttp;

import org.jspecify.annotations.NullMarked;
