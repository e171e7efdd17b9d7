package io.eventchannel.okhttp;

import io.eventchannel.Event;
import io.eventchannel.LimitExceededException;
import io.eventchannel.ProtocolException;
import io.eventchannel.codec.ControlData;
import io.eventchannel.codec.EnvelopeReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import okio.Buffer;

/** Tells what the bytes of one connection say. Confined to its reader. */
final class MessageTeller implements FrameReader.Sink {
  /** Does what a control frame asks for. */
  interface Control {
    /** A ping came; the payload goes back. */
    void onPing(byte[] payload);

    /** The peer closes. */
    void onClose(int code, String reason);
  }

  private final MessageFormat format;
  private final SerialListener listener;
  private final Control control;
  private final EnvelopeReader envelopes;
  private final FrameReader frames;
  private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();
  private boolean toldEvent;

  MessageTeller(MessageFormat format, int maxEventBytes, SerialListener listener, Control control) {
    this.format = format;
    this.listener = listener;
    this.control = control;
    this.envelopes = new EnvelopeReader(maxEventBytes);
    this.frames = new FrameReader(format.mostBytes(maxEventBytes), format.limitName(), this);
  }

  /** Tells what has been read, which is not empty: any of it is a sign of life. */
  void tell(Buffer read) throws FrameException {
    toldEvent = false;
    read.readUnsafe(cursor);
    try {
      while (cursor.next() >= 0) {
        frames.feed(cursor.data, cursor.start, cursor.end - cursor.start);
      }
    } finally {
      cursor.close();
    }
    if (!toldEvent) {
      listener.onActivity();
    }
  }

  @Override
  public void onText(byte[] bytes, int offset, int length) throws FrameException {
    if (format == MessageFormat.RAW) {
      tell(Event.message(new String(bytes, offset, length, StandardCharsets.UTF_8)));
    } else {
      readEnvelopes(bytes, offset, length);
    }
  }

  @Override
  public void onBinary(byte[] bytes, int offset, int length) throws FrameException {
    if (format == MessageFormat.RAW) {
      tell(Event.binary(Event.DEFAULT_TYPE, Arrays.copyOfRange(bytes, offset, offset + length)));
    } else {
      readEnvelopes(bytes, offset, length);
    }
  }

  private void readEnvelopes(byte[] bytes, int offset, int length) throws FrameException {
    try {
      envelopes.read(bytes, offset, length, (seq, event) -> tellEnvelope(event));
    } catch (ProtocolException broken) {
      throw new FrameException(FrameException.MALFORMED, broken);
    } catch (LimitExceededException tooLong) {
      throw new FrameException(FrameException.TOO_BIG, tooLong);
    }
  }

  private void tellEnvelope(Event event) {
    switch (event.type()) {
      case ControlData.ACK:
        listener.onAcknowledged(ControlData.of(event).number("seq", 0));
        return;
      case ControlData.REFUSED:
        ControlData refused = ControlData.of(event);
        listener.onRefused(refused.number("seq", 0), refused.text("reason", "refused"));
        return;
      default:
        toldEvent = true;
        listener.onEvent(event, event.id());
    }
  }

  private void tell(Event message) {
    toldEvent = true;
    listener.onEvent(message, null);
  }

  @Override
  public void onPing(byte[] payload) {
    control.onPing(payload);
  }

  @Override
  public void onPong() {} // any bytes are told as activity

  @Override
  public void onClose(int code, String reason) {
    control.onClose(code, reason);
  }
}
