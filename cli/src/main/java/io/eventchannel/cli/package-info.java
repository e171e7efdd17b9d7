/** The command line: look at any feed from a terminal. */
@NullMarked
package io.eventchannel.cli;

import org.jspecify.annotations.NullMarked;
