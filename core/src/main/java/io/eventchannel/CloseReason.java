package io.eventchannel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection or a channel ended: a value, not an exception, because losing a connection is an
 * everyday event. Immutable.
 */
public final class CloseReason {
  /** The kinds of end that a policy tells apart. */
  public enum Kind {
    /**
     * This side closed it; with a close code if the application did, or a server whose client was
     * too slow (4000) or that failed itself (1011).
     */
    LOCAL,
    /** The peer ended it with a close code: a WebSocket close frame or a goodbye event. */
    CLOSE_CODE,
    /** The peer ended the stream in an orderly way without a code. */
    END_OF_STREAM,
    /** The server answered the handshake with an HTTP status other than success. */
    HTTP_STATUS,
    /** The server answered 2xx with another content type than the transport's. */
    CONTENT_TYPE,
    /** The server accepted the upgrade in a way that RFC 6455 forbids, or mangled it. */
    BAD_HANDSHAKE,
    /** The network failed: refused, reset, cut, unknown host. */
    NETWORK,
    /** No connection, or no first byte, within the connect timeout. */
    CONNECT_TIMEOUT,
    /** No byte within the heartbeat deadline. */
    HEARTBEAT_TIMEOUT,
    /** A write did not finish within its deadline. */
    WRITE_TIMEOUT,
    /** The peer broke the protocol. */
    PROTOCOL,
    /** The peer exceeded a limit of this side; connecting again would meet the same event. */
    LIMIT,
    /** The application's own code failed: a listener, an authorizer, a credentials provider. */
    APPLICATION
  }

  private final Kind kind;
  private final int code;
  private final String text;
  private final @Nullable Throwable cause;

  private CloseReason(Kind kind, int code, String text, @Nullable Throwable cause) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.code = code;
    this.text = Objects.requireNonNull(text, "text");
    this.cause = cause;
  }

  /** Returns a reason of a kind that carries no code. */
  public static CloseReason of(Kind kind, String text) {
    return new CloseReason(kind, -1, text, null);
  }

  /** Returns a reason of a kind that carries no code, with what caused it. */
  public static CloseReason of(Kind kind, String text, @Nullable Throwable cause) {
    return new CloseReason(kind, -1, text, cause);
  }

  /** Returns the reason of a close code (RFC 6455, section 7.4; protocol rule C-1). */
  public static CloseReason closeCode(int code, String text) {
    return new CloseReason(Kind.CLOSE_CODE, code, text, null);
  }

  /** Returns the reason of a close by this side, with the code that was given. */
  public static CloseReason local(int code, String text) {
    return new CloseReason(Kind.LOCAL, code, text, null);
  }

  /** Returns the reason of a final HTTP status. */
  public static CloseReason httpStatus(int status, String text) {
    return new CloseReason(Kind.HTTP_STATUS, status, text, null);
  }

  /** Returns the reason of an answer with the wrong content type. */
  public static CloseReason contentType(int status, String text) {
    return new CloseReason(Kind.CONTENT_TYPE, status, text, null);
  }

  /** The kind of end. */
  public Kind kind() {
    return kind;
  }

  /** The close code or HTTP status, by {@link #kind()}; -1 when there is none. */
  public int code() {
    return code;
  }

  /** One line for people, unless the application of either side gave more; never credentials. */
  public String text() {
    return text;
  }

  /** What caused it, if an exception did. */
  public @Nullable Throwable cause() {
    return cause;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof CloseReason)) {
      return false;
    }
    CloseReason that = (CloseReason) other;
    return kind == that.kind
        && code == that.code
        && text.equals(that.text)
        && Objects.equals(cause, that.cause);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, code, text, cause);
  }

  /** One line, whatever the peer wrote. */
  @Override
  public String toString() {
    return kind
        + (code >= 0 ? " " + code : "")
        + (text.isEmpty() ? "" : " (" + Printable.of(text) + ")");
  }
}
