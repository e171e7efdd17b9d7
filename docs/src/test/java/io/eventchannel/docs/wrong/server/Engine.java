package io.eventchannel.docs.wrong.server;

/** Does nothing wrong, but to be there. */
public final class Engine {}
