package io.eventchannel.jakarta;

import io.eventchannel.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;

/** A close of a session by us: what the peer is told, and what the engine hears of it. */
final class SessionClose {
  private static final int MAX_REASON_BYTES = 123; // RFC 6455, section 5.5: 125 less the code

  private final int code;
  private final String text;
  final CloseReason local;

  SessionClose(int code, String text, CloseReason local) {
    this.code = code;
    this.text = text;
    this.local = local;
  }

  /**
   * Closes the session; may block until what is in flight has left.
   *
   * @param stuck whether that is not to be waited for
   */
  void run(Session session, boolean stuck) {
    try {
      Jetty.closing(session, stuck);
      if (stuck) {
        Tomcat.closesAtOnce(session.getUserProperties()); // others do not know what this puts there
      } else {
        Tomcat.closing(session.getUserProperties());
      }
      session.close(new jakarta.websocket.CloseReason(CloseCodes.getCloseCode(code), cut(text)));
    } catch (IOException | RuntimeException e) { // closed already, by the peer or an error
      ChannelServlet.LOG.log(System.Logger.Level.DEBUG, "closing a session", e);
    }
  }

  /** Cuts a text to what a close frame holds, between two code points. */
  static String cut(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
      if (bytes > MAX_REASON_BYTES) {
        return text.substring(0, i);
      }
      i += Character.charCount(codePoint);
    }
    return text;
  }
}
