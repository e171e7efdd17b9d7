/**
 * Checks of what is written about the code: the coverage of requirements, the snippets, the links
 * and the rules that Javadoc cites.
 */
@NullMarked
package io.eventchannel.docs;

import org.jspecify.annotations.NullMarked;
