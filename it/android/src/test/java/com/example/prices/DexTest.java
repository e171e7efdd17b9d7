package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.D8;
import com.android.tools.r8.D8Command;
import com.android.tools.r8.OutputMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D8, which translates class files for Android. */
class DexTest {
  static final int LEAST_API = 26;

  @TempDir Path output;

  @Test
  void ourJarsAloneAreTranslatedWithoutAWarning() throws Exception {
    List<Path> others = new ArrayList<>(ApplicationFiles.mavenJars());
    others.removeAll(ApplicationFiles.ourJars());
    assertEquals(2, ApplicationFiles.ourJars().size(), ApplicationFiles.ourJars()::toString);
    assertEquals(List.of(), translate(ApplicationFiles.ourJars(), others));
    assertTrue(Files.size(output.resolve("classes.dex")) > 100_000);
  }

  @Test
  void anApplicationWithAllItNeedsIsTranslatedWithoutAWarning() throws Exception {
    List<Path> program = new ArrayList<>(ApplicationFiles.applicationClasses());
    program.addAll(ApplicationFiles.gradleJars());
    assertEquals(List.of(), translate(program, List.of()));
    assertTrue(Files.size(output.resolve("classes.dex")) > 1_000_000);
  }

  /** Returns what the tool had to say. */
  private List<String> translate(List<Path> program, List<Path> others) throws Exception {
    Findings findings = new Findings();
    try {
      D8.run(
          D8Command.builder(findings)
              .addProgramFiles(program)
              .addClasspathFiles(others)
              .addClasspathResourceProvider(ApplicationFiles.standIns())
              .addLibraryFiles(ApplicationFiles.platform())
              .addLibraryResourceProvider(ApplicationFiles.java())
              .setMinApiLevel(LEAST_API)
              .setMode(CompilationMode.RELEASE)
              .setOutput(output, OutputMode.DexIndexed)
              .build());
    } catch (CompilationFailedException failed) {
      assertTrue(findings.all().size() > 0, () -> String.valueOf(failed));
    }
    return findings.all();
  }
}
