/** Tools to test EventChannel, and what others write for it. */
@NullMarked
package io.eventchannel.tck;

import org.jspecify.annotations.NullMarked;
