/** Tests of real connections on an embedded Tomcat; run with {@code -Pit}. */
@NullMarked
package io.eventchannel.it;

import org.jspecify.annotations.NullMarked;
