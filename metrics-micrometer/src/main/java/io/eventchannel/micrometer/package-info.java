/** What a server does, as Micrometer meters. */
@NullMarked
package io.eventchannel.micrometer;

import org.jspecify.annotations.NullMarked;
