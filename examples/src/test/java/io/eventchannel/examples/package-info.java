@NullMarked
package io.eventchannel.examples;

import org.jspecify.annotations.NullMarked;
