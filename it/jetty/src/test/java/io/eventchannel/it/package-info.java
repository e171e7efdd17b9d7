/** What must hold in every container, on an embedded Jetty; run with {@code -Pit}. */
@NullMarked
package io.eventchannel.it;

import org.jspecify.annotations.NullMarked;
