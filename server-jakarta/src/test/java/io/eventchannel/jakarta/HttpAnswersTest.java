package io.eventchannel.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpAnswersTest {
  private final FakeAnswer answer = new FakeAnswer();

  @Test
  void S38_S39_anAnswerOfOurOwnIsNeitherSniffedNorStoredNorGivenToAnybodyElse() throws IOException {
    HttpAnswers.text(answer.response, 500, "internal error");
    assertEquals(500, answer.status);
    assertEquals("internal error", answer.line());
    assertEquals(List.of("text/plain;charset=utf-8"), answer.headers.get("Content-Type"));
    assertEquals(List.of("nosniff"), answer.headers.get("X-Content-Type-Options"));
    assertEquals(List.of("no-store"), answer.headers.get("Cache-Control"));
    assertEquals(List.of("Authorization, Origin"), answer.headers.get("Vary"));
  }

  @Test
  void whatAFilterSaysThatTheAnswerVariesByStays() throws IOException {
    answer.response.addHeader("Vary", "Accept-Encoding");
    HttpAnswers.text(answer.response, 500, "internal error");
    assertEquals(List.of("Accept-Encoding", "Authorization, Origin"), answer.headers.get("Vary"));
  }
}
