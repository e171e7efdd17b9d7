package io.eventchannel.codec;

import io.eventchannel.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keeps what a parser reports, by kind and as one transcript. */
class RecordingSink implements SseParser.Sink {
  final List<Event> events = new ArrayList<>();
  final List<String> lastEventIds = new ArrayList<>();
  final List<Long> retries = new ArrayList<>();
  final List<String> comments = new ArrayList<>();
  final List<String> transcript = new ArrayList<>();

  @Override
  public void onEvent(Event event) {
    events.add(event);
    transcript.add(
        "event " + event.id() + " " + event.type() + " " + payload(event) + topic(event));
  }

  @Override
  public void onLastEventId(String lastEventId) {
    lastEventIds.add(lastEventId);
    transcript.add("id " + lastEventId);
  }

  @Override
  public void onRetry(long millis) {
    retries.add(millis);
    transcript.add("retry " + millis);
  }

  @Override
  public void onComment(String text) {
    comments.add(text);
    transcript.add("comment " + text);
  }

  private static String topic(Event event) {
    return event.topic() == null ? "" : " on " + event.topic();
  }

  private static String payload(Event event) {
    return event.isBinary() ? "binary " + Arrays.toString(event.bytes()) : event.data();
  }
}
