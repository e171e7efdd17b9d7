package io.eventchannel.server;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What came of asking the authorizer about one request. Immutable, but that the moment at which it
 * was asked is taken out once.
 */
final class Judgement {
  /** The answer to who may not; null for who may. */
  final @Nullable Answer refusal;

  /** The topics allowed; null for all. */
  final @Nullable Set<String> topics;

  /** Whose the channel is, by name; null for nobody. */
  final @Nullable String principal;

  /** When the permission ends, in the scheduler's nanoseconds; null for never. */
  final @Nullable Long expiresAt;

  // Before the authorizer was asked. Whoever keeps a judgement keeps no mark with it, since that
  // would keep all later ones.
  private Revocations.@Nullable Mark askedAt;

  private Judgement(
      @Nullable Answer refusal,
      @Nullable Set<String> topics,
      @Nullable String principal,
      @Nullable Long expiresAt,
      Revocations.@Nullable Mark askedAt) {
    this.refusal = refusal;
    this.topics = topics;
    this.principal = principal;
    this.expiresAt = expiresAt;
    this.askedAt = askedAt;
  }

  static Judgement refused(Answer refusal) {
    return new Judgement(refusal, null, null, null, null);
  }

  static Judgement allowed(
      @Nullable Set<String> topics,
      @Nullable String principal,
      @Nullable Long expiresAt,
      Revocations.Mark askedAt) {
    return new Judgement(null, topics, principal, expiresAt, askedAt);
  }

  /** Takes out the moment before the authorizer was asked; null if it was refused, or later. */
  synchronized Revocations.@Nullable Mark takeAskedAt() {
    Revocations.Mark taken = askedAt;
    askedAt = null;
    return taken;
  }
}
