package io.eventchannel.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import io.eventchannel.Event;
import io.eventchannel.log.InMemoryEventLog;
import io.eventchannel.okhttp.ResilientEventSources;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import kotlin.Unit;
import okhttp3.OkHttpClient;
import okhttp3.sse.EventSource;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same program, written for okhttp-sse and then moved to this library. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class OkHttpSseMigrationTest {
  private static final Path PROGRAMS = Path.of("../../examples/okhttp-sse");
  private static final String PROGRAM = "PriceTicker";
  private static final String TOPIC = "prices";

  @Test
  void oneLineAndItsImportDiffer() throws IOException {
    List<String> before = Files.readAllLines(source("before"));
    List<String> after = Files.readAllLines(source("after"));
    assertEquals(
        List.of(
            "import okhttp3.sse.EventSources;",
            "    EventSource.Factory factory = EventSources.createFactory(client);"),
        without(before, after));
    assertEquals(
        List.of(
            "import io.eventchannel.okhttp.ResilientEventSources;",
            "    EventSource.Factory factory = ResilientEventSources.createFactory(client);"),
        without(after, before));
  }

  @Test
  void theOriginalEndsWithTheServerAndTheMigratedProgramGoesOnWithTheNextEvent(@TempDir Path folder)
      throws Exception {
    // It needs this and nothing of ours, which shows that it is an okhttp-sse program.
    String okHttpSse = classPath(EventSource.class, OkHttpClient.class, Buffer.class, Unit.class);
    String ours =
        okHttpSse
            + File.pathSeparator
            + classPath(ResilientEventSources.class, Event.class, JsonFactory.class);
    String before = compile("before", folder, okHttpSse);
    String after = compile("after", folder, ours);
    try (InMemoryEventLog log = InMemoryEventLog.builder().build()) {
      FeedServer first = start(log, 0);
      int port = first.port();
      String url = first.tomcat.uri(FeedServer.PATH).toString();
      try (JavaProcess original = JavaProcess.start(List.of(), before, PROGRAM, url);
          JavaProcess migrated = JavaProcess.start(List.of(), after, PROGRAM, url)) {
        assertEquals("open", line(original));
        assertEquals("open", line(migrated));
        first.publish(TOPIC, Event.of("price", "1"));
        assertEquals("price 1", line(original));
        assertEquals("price 1", line(migrated));

        first.close();
        assertTrue(List.of("closed", "failed").contains(line(original)));
        log.append(Event.of("price", "2").withTopic(TOPIC)).toCompletableFuture().join();
        try (FeedServer second = start(log, port)) {
          second.publish(TOPIC, Event.of("price", "3"));
          assertEquals("price 2", line(migrated));
          assertEquals("price 3", line(migrated));
        }
      } finally {
        first.close();
      }
    }
  }

  private static FeedServer start(InMemoryEventLog log, int port) {
    return FeedServer.start(feed -> feed.log(log), endpoint -> {}, tomcat -> tomcat.port(port));
  }

  /**
   * Reads the next line but those of control events, which are events like others to okhttp-sse.
   */
  private static String line(JavaProcess program) throws IOException {
    String line = program.answer();
    while (line.startsWith("eventchannel.")) {
      line = program.answer();
    }
    return line;
  }

  private static Path source(String version) {
    return PROGRAMS.resolve(version).resolve(PROGRAM + ".java");
  }

  private static List<String> without(List<String> lines, List<String> others) {
    List<String> left = new ArrayList<>(lines);
    others.forEach(left::remove); // one line for one, so that a line that comes twice counts
    return left;
  }

  /** The jars or folders that these classes come from. */
  private static String classPath(Class<?>... classes) {
    return Stream.of(classes)
        .map(
            type -> {
              try {
                return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
              } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
              }
            })
        .map(Path::toString)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Compiles a version of the program with that class path; returns the one to run it with. */
  private static String compile(String version, Path folder, String classPath) throws IOException {
    Path classes = Files.createDirectory(folder.resolve(version));
    StringWriter errors = new StringWriter();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  errors,
                  files,
                  null,
                  List.of("-proc:none", "-d", classes.toString(), "-cp", classPath),
                  null,
                  files.getJavaFileObjects(source(version)))
              .call();
      assertTrue(compiled, errors::toString);
    }
    return classes + File.pathSeparator + classPath;
  }
}
