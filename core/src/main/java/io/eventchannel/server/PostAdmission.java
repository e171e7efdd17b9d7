package io.eventchannel.server;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ChannelEndpoint} decided about the head of a POST, for the adapter to carry out:
 * either a refusal to write before the body is read, or the body to {@link #take}. Holds nothing
 * that would have to be given back. Thread-safe.
 */
public interface PostAdmission {
  /** The answer that refuses the request, or null if it is admitted. */
  @Nullable Answer refusal();

  /**
   * Takes the upstream events in. The stage never fails; it completes when the listener has taken
   * the events, on the application's executor or here.
   *
   * @param body the body, or its first {@link ChannelEndpoint#maxPostBytes()} + 1 bytes
   */
  CompletionStage<Answer> take(byte[] body);

  /**
   * The answer to a POST that its adapter gives up: a body over the limit (413) or too slow (408),
   * an application that is too slow (503). It tells, as every answer does, up to where the
   * channel's events are decided (protocol rule U-4).
   *
   * @param line one line for the peer, which must not repeat the request
   */
  Answer abandon(int status, String line);
}
