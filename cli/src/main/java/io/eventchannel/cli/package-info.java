/** The command line: look at any feed from a terminal, and send to it. */
@NullMarked
package io.eventchannel.cli;

import org.jspecify.annotations.NullMarked;
