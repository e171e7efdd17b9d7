/** What must hold in every container, and the clients to see it with. */
@NullMarked
package io.eventchannel.it;

import org.jspecify.annotations.NullMarked;
