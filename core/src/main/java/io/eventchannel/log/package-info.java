/**
 * The event log: where a published event gets its ID, and from which every delivery reads. IDs are
 * compared here and nowhere else.
 */
@NullMarked
package io.eventchannel.log;

import org.jspecify.annotations.NullMarked;
