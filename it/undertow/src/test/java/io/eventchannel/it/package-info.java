/** What must hold in every container, on an embedded Undertow; run with {@code -Pit}. */
@NullMarked
package io.eventchannel.it;

import org.jspecify.annotations.NullMarked;
