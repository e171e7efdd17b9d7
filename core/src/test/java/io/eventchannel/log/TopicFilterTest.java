package io.eventchannel.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicFilterTest {
  @Test
  void allSelectsEveryTopicAndEventsWithoutOne() {
    assertTrue(TopicFilter.all().isAll());
    assertTrue(TopicFilter.all().test("a"));
    assertTrue(TopicFilter.all().test(null));
    assertTrue(TopicFilter.all().topics().isEmpty());
  }

  @Test
  void setSelectsItsTopicsByteForByteAndNoEventWithoutOne() {
    TopicFilter filter = TopicFilter.of(Set.of("a", "b"));
    assertFalse(filter.isAll());
    assertTrue(filter.test("a"));
    assertFalse(filter.test("A"));
    assertFalse(filter.test("a "));
    assertFalse(filter.test(null));
    assertEquals(List.of("a", "b"), List.copyOf(filter.topics()));
  }

  @Test
  void emptySetSelectsNothingAndIsNotAll() {
    TopicFilter nothing = TopicFilter.of(Set.of());
    assertFalse(nothing.isAll());
    assertFalse(nothing.test("a"));
    assertFalse(nothing.test(null));
    assertNotEquals(TopicFilter.all(), nothing);
  }

  @Test
  void filterIsImmutable() {
    Set<String> topics = new HashSet<>(Set.of("a"));
    TopicFilter filter = TopicFilter.of(topics);
    topics.add("b");
    assertFalse(filter.test("b"));
    assertThrows(UnsupportedOperationException.class, () -> filter.topics().add("c"));
  }

  @Test
  void filtersOfTheSameTopicsAreEqual() {
    assertEquals(TopicFilter.of(Set.of("a", "b")), TopicFilter.of(Set.of("b", "a")));
    assertEquals(
        TopicFilter.of(Set.of("a", "b")).hashCode(), TopicFilter.of(Set.of("b", "a")).hashCode());
    assertNotEquals(TopicFilter.of(Set.of("a")), TopicFilter.of(Set.of("b")));
  }
}
