package io.eventchannel;

/** What a channel can do over the connection it has; see {@link EventChannel#supports}. */
public enum Capability {
  /** {@link EventChannel#send} reaches the peer. */
  SEND,
  /** Binary events can travel. */
  BINARY,
  /** The peer keeps history and resumes after a last event ID. */
  RESUME
}
