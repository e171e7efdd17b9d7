package io.eventchannel.docs;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A block of Java in a page. What it takes for granted stands in a comment before it: {@code <!--
 * given: OkHttpClient okHttpClient -->} for statements, {@code <!-- members -->} for what belongs
 * into a class.
 *
 * @param line the line of the page at which the code starts, counted from 1
 */
record Snippet(String page, int line, boolean members, String given, String code) {
  private static final Pattern GIVEN = Pattern.compile("<!-- given: (.*) -->");
  private static final String MEMBERS = "<!-- members -->";

  // What a reader's editor would import.
  private static final List<String> IMPORTS =
      List.of(
          "io.eventchannel.*",
          "io.eventchannel.client.*",
          "io.eventchannel.jakarta.*",
          "io.eventchannel.log.*",
          "io.eventchannel.micrometer.*",
          "io.eventchannel.okhttp.*",
          "io.eventchannel.policy.*",
          "io.eventchannel.server.*",
          "io.eventchannel.transport.*",
          "jakarta.servlet.ServletContext",
          "java.time.Duration",
          "java.util.ArrayList",
          "java.util.List",
          "java.util.concurrent.TimeUnit",
          "java.util.concurrent.TimeoutException",
          "okhttp3.OkHttpClient",
          "okhttp3.sse.EventSource");

  /** Returns the Java blocks of a page. */
  static List<Snippet> of(String page, String markdown) {
    List<Snippet> snippets = new ArrayList<>();
    List<String> lines = markdown.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).equals("```java")) {
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).equals("```")) {
          end++;
        }
        String before = i == 0 ? "" : lines.get(i - 1);
        Matcher given = GIVEN.matcher(before);
        snippets.add(
            new Snippet(
                page,
                i + 2,
                before.equals(MEMBERS),
                given.matches() ? given.group(1) : "",
                String.join("\n", lines.subList(i + 1, end))));
        i = end;
      }
    }
    return snippets;
  }

  /** Compiles the code at the level of the published modules and returns the errors. */
  List<String> errors() {
    StringBuilder source = new StringBuilder();
    IMPORTS.forEach(name -> source.append("import ").append(name).append(";\n"));
    source.append("abstract class Snippet {\n");
    if (!members) {
      source.append("void run(").append(given).append(") throws Exception {\n");
    }
    int linesBefore = (int) source.chars().filter(c -> c == '\n').count();
    source.append(code).append(members ? "\n}\n" : "\n}\n}\n");

    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(
                    null,
                    null,
                    diagnostics,
                    List.of(
                        "--release",
                        "11",
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path")),
                    null,
                    List.of(new Source(source.toString())));
    try {
      task.analyze(); // checks everything and writes no class files
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return diagnostics.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(diagnostic -> describe(diagnostic, linesBefore))
        .toList();
  }

  private String describe(Diagnostic<?> diagnostic, int linesBefore) {
    long lineOfPage = line + diagnostic.getLineNumber() - linesBefore - 1;
    return page + ":" + lineOfPage + ": " + diagnostic.getMessage(Locale.ROOT);
  }

  @Override
  public String toString() {
    return page + ":" + line;
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Snippet.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
