package com.example.prices;

import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** Collects the warnings and errors of a tool. */
final class Findings implements DiagnosticsHandler {
  // Each jar has its licence and its descriptor, of which an application takes what it likes.
  private static final Pattern TWICE =
      Pattern.compile("Resource '(META-INF/.*|module-info\\.class)' already exists\\.");

  private final List<String> found = new CopyOnWriteArrayList<>();

  @Override
  public void error(Diagnostic error) {
    found.add("error: " + text(error));
  }

  @Override
  public void warning(Diagnostic warning) {
    if (!TWICE.matcher(warning.getDiagnosticMessage()).matches()) {
      found.add("warning: " + text(warning));
    }
  }

  @Override
  public void info(Diagnostic info) {}

  List<String> all() {
    return found;
  }

  private static String text(Diagnostic diagnostic) {
    return diagnostic.getOrigin() + ": " + diagnostic.getDiagnosticMessage();
  }
}
