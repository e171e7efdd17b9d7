/**
 * The words everybody speaks: a {@link io.eventchannel.EventChannel} carries {@link
 * io.eventchannel.Event}s to an {@link io.eventchannel.EventChannelListener}. The same types serve
 * server and client, and every transport.
 *
 * <p>Nothing is null unless a signature says {@code @Nullable}.
 */
@NullMarked
package io.eventchannel;

import org.jspecify.annotations.NullMarked;
