package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.android.tools.r8.CompilationFailedException;
import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import com.android.tools.r8.origin.Origin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R8 in full mode, which leaves out and renames whatever it does not see used. It is told of each
 * program's entry alone; whatever else it must know comes with the jars.
 */
@Tag("release")
class ShrinkTest {
  // What an application's manifest names is kept by Android's build.
  private static final String ENTRIES_OF_APPLICATION =
      "-keep class com.example.prices.PricesApplication, com.example.prices.PricesActivity {"
          + " <init>(); }";
  private static final String ENTRY_OF_PROGRAM =
      "-keep class com.example.prices.PricesProgram { public static void main(...); }";

  private final Findings findings = new Findings();

  @TempDir Path folder;

  @Test
  void anApplicationIsShrunkWithoutAWarningAndStillSpeaksTheProtocol() throws Exception {
    List<Path> program = new ArrayList<>(ApplicationFiles.applicationClasses());
    program.addAll(ApplicationFiles.gradleJars());
    R8Command.Builder command =
        command(program, ENTRIES_OF_APPLICATION)
            .addProguardConfigurationFiles(ApplicationFiles.rulesOfOkHttpAndroid())
            .addLibraryFiles(ApplicationFiles.platform())
            .addLibraryResourceProvider(ApplicationFiles.standIns())
            .setMinApiLevel(DexTest.LEAST_API)
            .setOutput(folder, OutputMode.DexIndexed, false);
    assertEquals(List.of(), shrink(command));

    String dex = Files.readString(folder.resolve("classes.dex"), StandardCharsets.ISO_8859_1);
    assertFalse(Files.exists(folder.resolve("classes2.dex")));
    for (String spoken :
        List.of("eventchannel.v1.bytes", "text/event-stream", "Last-Event-ID", "EventChannel-Id")) {
      assertTrue(dex.contains(spoken), spoken);
    }
    assertTrue(dex.length() < 700_000, () -> "the application has " + dex.length() + " bytes");
    System.out.println("A shrunk application has " + dex.length() / 1000 + " KB.");
  }

  @Test
  void aShrunkProgramTalksOverBothTransports() throws Exception {
    List<Path> program = new ArrayList<>(ApplicationFiles.jvmProgram());
    program.addAll(ApplicationFiles.mavenJars());
    Path jar = folder.resolve("program.jar");
    assertEquals(
        List.of(),
        shrink(command(program, ENTRY_OF_PROGRAM).setOutput(jar, OutputMode.ClassFile, true)));

    try (PricesServer server = new PricesServer(folder)) {
      assertEquals(
          List.of("websocket: a price for {\"buy\":1}", "sse: a price for {\"buy\":1}"),
          run(jar, server.url()));
    }
  }

  private static List<String> run(Path jar, String url) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                jar.toString(),
                "com.example.prices.PricesProgram",
                url)
            .redirectErrorStream(true)
            .redirectOutput(jar.resolveSibling("output.txt").toFile())
            .start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the program does not end");
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(jar.resolveSibling("output.txt"));
  }

  private R8Command.Builder command(List<Path> program, String entry) throws Exception {
    return R8Command.builder(findings)
        .addProgramFiles(program)
        .addLibraryResourceProvider(ApplicationFiles.java())
        .addProguardConfiguration(List.of(entry), Origin.unknown())
        .setMode(CompilationMode.RELEASE);
  }

  private List<String> shrink(R8Command.Builder command) throws Exception {
    try {
      R8.run(command.build());
    } catch (CompilationFailedException failed) {
      assertFalse(findings.all().isEmpty(), () -> String.valueOf(failed));
    }
    return findings.all();
  }
}
