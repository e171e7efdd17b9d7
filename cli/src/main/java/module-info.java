/** The command line: look at any feed from a terminal, and send to it. */
module io.eventchannel.cli {
  requires static org.jspecify;
  requires io.eventchannel.core;
  requires io.eventchannel.okhttp;
  requires com.fasterxml.jackson.core;
}
