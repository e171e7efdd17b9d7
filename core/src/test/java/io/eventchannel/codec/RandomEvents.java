package io.eventchannel.codec;

import io.eventchannel.Event;
import java.util.Random;

/** A seeded source of events that are as nasty as the type allows. */
final class RandomEvents {
  private static final String[] PIECES = {
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\t",
    " ",
    ":",
    "data: ",
    "id: 7",
    "event",
    "retry: 1",
    "topic: x",
    "encoding: base64",
    "\u2028",
    "\u2029",
    "\u0085",
    "\u000b",
    "\f",
    "\ufeff",
    "\ufffd",
    "é",
    "\u07ff",
    "\u0800",
    "漢",
    "\uffff",
    "😀",
    "\ud83d",
    "\ude00",
    "\"",
    "\\",
    "/",
    "{",
    "}",
    "\\u0000",
    "\u007f",
    "\u0001",
    "\u001f",
    "a",
    "Z",
    "0",
    "eventchannel.",
    "message",
    "QUJD"
  };

  private final Random random;

  RandomEvents(long seed) {
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  Event next() {
    String type = random.nextBoolean() ? Event.DEFAULT_TYPE : text(3);
    Event event = random.nextInt(4) == 0 ? Event.binary(type, bytes()) : Event.of(type, text(12));
    if (random.nextBoolean()) {
      event = event.withId(text(3));
    }
    if (random.nextBoolean()) {
      event = event.withTopic(random.nextInt(4) == 0 ? text(2) : "topic-" + random.nextInt(9));
    }
    return event;
  }

  /** Mostly pieces that mean something to a parser, now and then any char at all. */
  String text(int maxPieces) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(maxPieces + 1); n > 0; n--) {
      if (random.nextInt(5) == 0) {
        text.append((char) random.nextInt(0x10000));
      } else {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
    }
    return text.toString();
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    return bytes;
  }
}
