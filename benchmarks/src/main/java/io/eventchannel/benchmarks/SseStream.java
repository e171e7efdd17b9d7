package io.eventchannel.benchmarks;

import io.eventchannel.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The streams to parse, and the events that must come out of them. */
public enum SseStream {
  /** A price with an ID, in 55 bytes. */
  PRICE_55 {
    @Override
    Event event(int number) {
      String id = Integer.toString(1_000_000 + number);
      return Event.message(
              "{\"EURUSD\":1.08" + (1000 + number) + ",\"volume\":" + (100_000 + number) + "}")
          .withId(id);
    }
  },
  /** A token of a language model without an ID, in 100 bytes. */
  TOKEN_100 {
    @Override
    Event event(int number) {
      String token = Integer.toString(100_000 + number);
      return Event.message(
          "{\"object\":\"chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
              + token
              + " and many more of it\"}}]}");
    }
  },
  /** A JSON document of 4 KB, 4,079 bytes on average with an ID. */
  JSON_4K {
    @Override
    Event event(int number) {
      StringBuilder json = new StringBuilder("[");
      for (int i = 0; json.length() < 4050; i++) {
        json.append("{\"key\":").append(number + i).append(",\"name\":\"value\"},");
      }
      return Event.message(json.append("{}]").toString())
          .withId(Integer.toString(1_000_000 + number));
    }
  },
  /** Eight lines of data without an ID, 361 bytes in all. */
  LINES_8 {
    @Override
    Event event(int number) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 8; i++) {
        text.append(i == 0 ? "" : "\n").append("line").append(i);
        text.append(" of a text which is event ").append(1_000_000 + number % 1000);
      }
      return Event.message(text.toString());
    }
  };

  /** How many events a stream has. */
  static final int EVENTS = 256;

  abstract Event event(int number);

  List<Event> events() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add(event(i));
    }
    return events;
  }

  /** The bytes, written without our encoder: a mistake in it must not hide one in the parser. */
  byte[] bytes() {
    StringBuilder stream = new StringBuilder();
    for (Event event : events()) {
      if (event.id() != null) {
        stream.append("id: ").append(event.id()).append('\n');
      }
      for (String line : event.data().split("\n", -1)) {
        stream.append("data: ").append(line).append('\n');
      }
      stream.append('\n');
    }
    return stream.toString().getBytes(StandardCharsets.UTF_8);
  }
}
