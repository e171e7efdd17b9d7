/** The command line: look at any feed from a terminal. */
module io.eventchannel.cli {
  requires static org.jspecify;
  requires io.eventchannel.core;
  requires io.eventchannel.okhttp;
  requires com.fasterxml.jackson.core;
}
