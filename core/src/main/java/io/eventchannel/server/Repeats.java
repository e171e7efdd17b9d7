package io.eventchannel.server;

import org.jspecify.annotations.Nullable;

/**
 * What the client of one channel sent again while it was undecided, perhaps over another transport
 * than before, and who is to be told once it is decided. However often a client repeats itself
 * while the application is busy, that is two of the channel's calls and one request that is held.
 * Thread-safe.
 */
final class Repeats {
  /** A POST that brought nothing new; told one of the two, once, outside of locks. */
  interface Asking {
    /** All that it repeated is decided, or will be no sooner than the rate allows. */
    void decided();

    /** A later one is held instead of it. */
    void replaced();
  }

  private final Uplink uplink;
  private final ListenerCalls calls;

  // Guarded by this. Calls are added outside, since the executor may run them at once.
  private long overSocket; // what is to be answered is repeated up to this number
  private boolean socketWaits;
  private long byPost;
  private @Nullable Asking asking;

  Repeats(Uplink uplink, ListenerCalls calls) {
    this.uplink = uplink;
    this.calls = calls;
  }

  /**
   * A WebSocket message repeated numbers up to this one, not all of which are decided.
   *
   * @param answer tells the client how far all is decided
   */
  void overSocket(long seq, Runnable answer) {
    boolean first;
    synchronized (this) {
      overSocket = Math.max(overSocket, seq);
      first = !socketWaits;
      socketWaits = true;
    }
    if (first) {
      // What came before, by a POST perhaps, is decided once all calls before this were made.
      calls.add(() -> answerSocket(answer));
    }
  }

  private void answerSocket(Runnable answer) {
    boolean more;
    synchronized (this) {
      // What is held is answered when it is handed on, and no sooner by asking again.
      more = overSocket > uplink.ack() && !uplink.holds();
      socketWaits = more;
    }
    answer.run();
    if (more) {
      calls.add(() -> answerSocket(answer)); // what came behind this call
    }
  }

  /** A POST brought nothing but numbers up to this one, not all of which are decided. */
  void byPost(long seq, Asking next) {
    Asking before;
    synchronized (this) {
      before = asking;
      asking = next;
      byPost = seq;
    }
    if (before == null) {
      calls.add(this::answerPost);
    } else {
      before.replaced();
    }
  }

  private void answerPost() {
    Asking told = null;
    synchronized (this) {
      if (byPost <= uplink.ack() || uplink.holds()) {
        told = asking;
        asking = null;
      }
    }
    if (told != null) {
      told.decided();
    } else {
      calls.add(this::answerPost); // what came behind this call
    }
  }
}
