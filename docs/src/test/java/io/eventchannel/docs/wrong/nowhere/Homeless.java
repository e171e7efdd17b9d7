package io.eventchannel.docs.wrong.nowhere;

/** Wrong on purpose: its package is on no floor. */
final class Homeless {}
