package com.example.prices;

import android.app.Application;
import com.android.tools.r8.ClassFileResourceProvider;
import com.android.tools.r8.JdkClassFileProvider;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What the application here is made of, as the build laid it out. */
final class ApplicationFiles {
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  private ApplicationFiles() {}

  /** The jars that the application gets from Maven, ours among them. */
  static List<Path> mavenJars() throws IOException {
    String classPath = Files.readString(TARGET.resolve("application.txt")).strip();
    List<Path> jars = Stream.of(classPath.split(File.pathSeparator)).map(Path::of).toList();
    for (Path jar : jars) {
      if (!jar.toString().endsWith(".jar")) {
        throw new IllegalStateException(jar + " is no jar: run the build at least to `verify`");
      }
    }
    return jars;
  }

  /** The same with OkHttp's variant for Android, which Gradle chooses. */
  static List<Path> gradleJars() throws IOException {
    return Stream.concat(
            mavenJars().stream().filter(jar -> !isNamed(jar, "okhttp-jvm")),
            Stream.of(fromOkHttpAndroid("classes.jar")))
        .toList();
  }

  /** The rules for shrinking that OkHttp's variant for Android brings. */
  static Path rulesOfOkHttpAndroid() throws IOException {
    return fromOkHttpAndroid("proguard.txt");
  }

  private static Path fromOkHttpAndroid(String entry) throws IOException {
    Path file = Files.createDirectories(TARGET.resolve("okhttp-android")).resolve(entry);
    try (FileSystem archive = FileSystems.newFileSystem(TARGET.resolve("okhttp-android.aar"))) {
      Files.copy(archive.getPath(entry), file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  static List<Path> ourJars() throws IOException {
    return mavenJars().stream().filter(jar -> isNamed(jar, "eventchannel-")).toList();
  }

  /** The application's own class files. */
  static List<Path> applicationClasses() throws IOException {
    return classesIn(TARGET.resolve("classes/com"));
  }

  /** What stands for Android's libraries. */
  static ClassFileResourceProvider standIns() throws IOException {
    return new StandIns(TARGET.resolve("classes"), classesIn(TARGET.resolve("classes/androidx")));
  }

  /** The class files of a program for the JVM, among the tests. */
  static List<Path> jvmProgram() throws IOException {
    return classesIn(TARGET.resolve("test-classes/com")).stream()
        .filter(file -> file.getFileName().toString().startsWith("PricesProgram"))
        .toList();
  }

  private static List<Path> classesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(file -> !file.endsWith("package-info.class"))
          .sorted()
          .toList();
    }
  }

  /** Android 8.0, the oldest that we promise; it has no {@code java.*}. */
  static Path platform() throws Exception {
    return Path.of(Application.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** The classes {@code java.*}. Which of them Android has is checked elsewhere, by signatures. */
  static ClassFileResourceProvider java() throws IOException {
    return JdkClassFileProvider.fromSystemModulesJdk(Path.of(System.getProperty("java.home")));
  }

  private static boolean isNamed(Path jar, String beginning) {
    return jar.getFileName().toString().startsWith(beginning);
  }
}
