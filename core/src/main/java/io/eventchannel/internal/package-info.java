/**
 * Machinery that both engines share. Exported to this project's own modules only; may change in any
 * release.
 */
@NullMarked
package io.eventchannel.internal;

import org.jspecify.annotations.NullMarked;
