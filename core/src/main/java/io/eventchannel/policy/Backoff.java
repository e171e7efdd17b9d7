package io.eventchannel.policy;

/** Exponential backoff with full jitter, a floor and a cap. */
public final class Backoff {}
