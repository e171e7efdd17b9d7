package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.micrometer.MicrometerServerMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about metrics says what there is. */
class MetricsPageTest {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| `(eventchannel\\.[a-z.]+)` \\(`[a-z_]+`\\) \\| [a-z]+(?:; ([a-z, ]+))? \\|");

  private final List<Meter> meters = metersThere();

  private static List<Meter> metersThere() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    MicrometerServerMetrics.create(registry);
    return registry.getMeters();
  }

  private static String page() throws IOException {
    return Files.readString(Reactor.ofThisBuild().root().resolve(Path.of("docs", "metrics.md")));
  }

  @Test
  void eachMeterHasARowWithItsTags() throws IOException {
    Set<String> written = new TreeSet<>();
    Matcher row = ROW.matcher(page());
    while (row.find()) {
      String tags = row.group(2);
      List<String> sorted =
          tags == null ? List.of() : Stream.of(tags.split(", ")).sorted().toList();
      written.add(row.group(1) + " " + sorted);
    }
    Set<String> there = new TreeSet<>();
    for (Meter meter : meters) {
      there.add(
          meter.getId().getName()
              + " "
              + meter.getId().getTags().stream().map(Tag::getKey).toList());
    }

    assertEquals(there, written);
  }

  @Test
  void theNumberOfMetersIsTheOneThatThePageSays() throws IOException {
    String said = "their number is fixed: " + meters.size() + " for each object";
    assertTrue(page().contains(said), said);
  }
}
