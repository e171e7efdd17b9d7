package io.eventchannel.docs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The floors of the house, and a few things that no class may do.
 *
 * <p>The rules read class files, so they see what the compiler saw, whoever wrote it.
 */
class ArchitectureTest {

  private static final String BASE = "io.eventchannel";

  /** The only class of the libraries which may read a clock of the machine. */
  private static final String CLOCK = BASE + ".internal.SystemScheduler";

  /** A program's entry hands the clock to the rest of the program. */
  private static final String PROGRAM = BASE + ".cli.Main";

  // The one class, with those nested in it, that the Android check of core leaves out, too.
  private static final String FLOW_ADAPTER = BASE + ".client.FlowEvents";

  private static final String WRONG = BASE + ".docs.wrong";

  /**
   * Each room with the rooms it may import: those on lower floors, less the ones that would tie
   * client and server together. The empty name is the root package.
   */
  private static final Map<String, Set<String>> ROOMS =
      Map.ofEntries(
          // floor 0: the words everybody speaks
          room(""),
          // floor 0b: no thread, no socket, no clock; they do not know each other
          room("codec", ""),
          room("policy", ""),
          room("log", ""),
          // floor 1: the seams
          room("transport", "", "codec", "policy", "log"),
          room("server.spi", "", "codec", "policy", "log"),
          // floor 2: machinery of both engines, and so without the server's seam
          room("internal", "", "codec", "policy", "log", "transport"),
          // floor 3: the engines, which do not know each other
          room("client", "", "codec", "policy", "log", "transport", "internal"),
          room("server", "", "codec", "policy", "log", "transport", "server.spi", "internal"),
          // floor 4: foreign APIs live here
          room("okhttp", "", "codec", "policy", "log", "transport", "internal", "client"),
          room(
              "jakarta",
              "",
              "codec",
              "policy",
              "log",
              "transport",
              "server.spi",
              "internal",
              "server"),
          room("micrometer", "", "server"),
          // floor 5: public API only
          room("cli", "", "codec", "policy", "log", "transport", "client", "server", "okhttp"),
          room(
              "examples",
              "",
              "codec",
              "policy",
              "log",
              "transport",
              "client",
              "server",
              "server.spi",
              "okhttp",
              "jakarta"));

  /** Floors 0 to 1 start nothing and talk to nobody. */
  private static final Set<String> PASSIVE_ROOMS =
      Set.of("", "codec", "policy", "log", "transport", "server.spi");

  private static final Set<String> CORE_ROOMS =
      Set.of(
          "", "codec", "policy", "log", "transport", "server.spi", "internal", "client", "server");

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final JavaClasses MAIN =
      mainOf("core", "client-okhttp", "server-jakarta", "metrics-micrometer", "cli", "examples");
  private static final JavaClasses PUBLISHED =
      mainOf("core", "client-okhttp", "server-jakarta", "metrics-micrometer", "cli");
  private static final JavaClasses LIBRARIES =
      mainOf("core", "client-okhttp", "server-jakarta", "metrics-micrometer");

  // the rules

  static ArchRule importsGoDownOnly(String base) {
    return rule(
        "import lower floors only",
        (type, report) -> {
          Optional<String> from = roomOf(base, type.getPackageName());
          if (from.isEmpty()) {
            report.accept(type, type.getName() + " is in a package which is on no floor");
            return;
          }
          Set<String> allowed = ROOMS.get(from.get());
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
            if (!isOrIsIn(target, base)) {
              continue;
            }
            Optional<String> to = roomOf(base, target);
            boolean down = to.isPresent() && (to.equals(from) || allowed.contains(to.get()));
            if (!down) {
              report.accept(type, dependency.getDescription());
            }
          }
        });
  }

  static ArchRule foreignApisStayOutOfCore(String base) {
    return rule(
        "know no foreign API but jackson-core in the codec",
        (type, report) -> {
          String room = roomOf(base, type.getPackageName()).orElse("");
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass().getBaseComponentType();
            String name = target.getPackageName();
            boolean known =
                target.isPrimitive()
                    || isOrIsIn(name, base)
                    || isOrIsIn(name, "java")
                    || isOrIsIn(name, "org.jspecify")
                    || (room.equals("codec") && isOrIsIn(name, "com.fasterxml.jackson.core"));
            if (!known) {
              report.accept(type, dependency.getDescription());
            }
          }
        });
  }

  static ArchRule lowFloorsArePassive(String base) {
    return rule(
        "start no thread and open no socket on floors 0 to 1",
        (type, report) -> {
          if (!roomOf(base, type.getPackageName()).map(PASSIVE_ROOMS::contains).orElse(false)) {
            return;
          }
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            String name = dependency.getTargetClass().getName();
            if (Set.of(
                    "java.lang.Thread",
                    "java.util.Timer",
                    "java.util.concurrent.Executors",
                    "java.util.concurrent.ForkJoinPool",
                    "java.net.Socket",
                    "java.net.ServerSocket",
                    "java.nio.channels.SocketChannel")
                .contains(name)) {
              report.accept(type, dependency.getDescription());
            }
          }
        });
  }

  static ArchRule noSleeping() {
    return noAccess(
        "not sleep: wait for what happens, or move the virtual clock",
        access -> {
          String owner = access.getTargetOwner().getName();
          return access.getName().equals("sleep")
              && (owner.equals("java.util.concurrent.TimeUnit")
                  || access.getTargetOwner().isAssignableTo(Thread.class));
        });
  }

  static ArchRule oneClock(String... clocks) {
    return noAccess(
        "not read a clock outside " + String.join(", ", clocks),
        access -> {
          String owner = access.getTargetOwner().getName();
          String name = access.getName();
          String origin = access.getOriginOwner().getName().replace('$', '.');
          if (Stream.of(clocks).anyMatch(clock -> isOrIsIn(origin, clock))) {
            return false;
          }
          return (owner.equals("java.lang.System")
                  && (name.equals("currentTimeMillis") || name.equals("nanoTime")))
              || (owner.startsWith("java.time.") && name.equals("now"))
              || (owner.equals("java.time.Clock") && name.startsWith("system"));
        });
  }

  static ArchRule noFlow() {
    return rule(
        "leave java.util.concurrent.Flow, which Android lacks before API 30, to publishers",
        (type, report) -> {
          if (type.getName().contains("Publisher") || type.getName().startsWith(FLOW_ADAPTER)) {
            return;
          }
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            String target = dependency.getTargetClass().getName();
            if (target.equals("java.util.concurrent.Flow")
                || target.startsWith("java.util.concurrent.Flow$")) {
              report.accept(type, dependency.getDescription());
            }
          }
        });
  }

  static ArchRule noTrustOfOurOwn() {
    Set<String> setters =
        Set.of("hostnameVerifier", "setHostnameVerifier", "setDefaultHostnameVerifier");
    return rule(
        "leave the judging of certificates and host names to the platform",
        (type, report) -> {
          for (String judge :
              List.of("javax.net.ssl.HostnameVerifier", "javax.net.ssl.X509TrustManager")) {
            if (type.isAssignableTo(judge)) {
              report.accept(type, type.getName() + " is a " + judge);
            }
          }
          for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (setters.contains(access.getName())) { // a lambda is no class that one could find
              report.accept(type, access.getDescription());
            }
          }
        });
  }

  // the house

  @Test
  void importsGoDownOnly() {
    importsGoDownOnly(BASE).check(MAIN);
  }

  @Test
  void foreignApisStayOutOfCore() {
    foreignApisStayOutOfCore(BASE).check(mainOf("core"));
  }

  @Test
  void lowFloorsArePassive() {
    lowFloorsArePassive(BASE).check(MAIN);
  }

  @Test
  void noTestSleeps() {
    List<Path> folders = new ArrayList<>(testFolders());
    folders.add(ROOT.resolve("tck/target/classes"));
    noSleeping().check(importing(folders, name -> !isOrIsIn(name, WRONG)));
  }

  @Test
  void oneClassReadsTheClock() {
    oneClock(CLOCK, PROGRAM).check(PUBLISHED);
  }

  @Test
  void onlyPublishersKnowFlow() {
    noFlow().check(LIBRARIES);
  }

  @Test
  void S20_nobodyJudgesCertificatesOrHostNames() {
    noTrustOfOurOwn().check(MAIN);
  }

  @Test
  void everyRoomOfCoreHasAFloor() {
    Set<String> homeless =
        mainOf("core").stream()
            .map(JavaClass::getPackageName)
            .filter(name -> roomOf(BASE, name).filter(CORE_ROOMS::contains).isEmpty())
            .collect(Collectors.toSet());
    assertEquals(Set.of(), homeless);
  }

  /** Deliberately wrong classes: a rule which finds nothing in them would find nothing at all. */
  @Nested
  class RulesCanFail {

    private final JavaClasses wrong = importing(testFolders(), name -> isOrIsIn(name, WRONG));

    @Test
    void upwardImport() {
      assertReported(importsGoDownOnly(WRONG), "wrong.codec.Upward", "wrong.client.Engine");
    }

    @Test
    void sidewaysImport() {
      assertReported(importsGoDownOnly(WRONG), "wrong.client.Engine", "wrong.server.Engine");
    }

    @Test
    void arrayAndGenericImport() {
      assertReported(importsGoDownOnly(WRONG), "wrong.internal.Hidden", "wrong.okhttp.Adapter");
      assertReported(importsGoDownOnly(WRONG), "wrong.internal.Hidden", "wrong.client.Engine");
    }

    @Test
    void packageWithoutFloor() {
      assertReported(importsGoDownOnly(WRONG), "wrong.nowhere.Homeless", "on no floor");
    }

    @Test
    void downwardImportIsFine() {
      assertFalse(report(importsGoDownOnly(WRONG)).contains("wrong.okhttp.Adapter."));
    }

    @Test
    void foreignApi() {
      assertReported(foreignApisStayOutOfCore(WRONG), "wrong.codec.Upward", "javax.net.ssl");
    }

    @Test
    void threadOnALowFloor() {
      assertReported(lowFloorsArePassive(WRONG), "wrong.codec.Upward", "java.lang.Thread");
    }

    @Test
    void sleeping() {
      assertReported(noSleeping(), "wrong.Sleeper.direct", "java.lang.Thread.sleep");
      assertReported(noSleeping(), "wrong.Sleeper.byUnit", "TimeUnit.sleep");
      assertReported(noSleeping(), "wrong.Sleeper.inLambda", "java.lang.Thread.sleep");
      assertReported(noSleeping(), "wrong.Sleeper.byReference", "java.lang.Thread.sleep");
    }

    @Test
    void readingClocks() {
      ArchRule rule = oneClock(WRONG + ".internal.Hidden");
      assertReported(rule, "wrong.ClockReader", "System.currentTimeMillis");
      assertReported(rule, "wrong.ClockReader", "System.nanoTime");
      assertReported(rule, "wrong.ClockReader", "Instant.now");
      assertReported(rule, "wrong.ClockReader", "Clock.systemUTC");
      assertFalse(report(rule).contains("wrong.internal.Hidden"), report(rule));
    }

    @Test
    void flow() {
      assertReported(noFlow(), "wrong.Streamer", "java.util.concurrent.Flow");
      assertFalse(report(noFlow()).contains("wrong.GoodPublisher"), report(noFlow()));
    }

    @Test
    void trust() {
      assertReported(noTrustOfOurOwn(), "wrong.Gullible", "HostnameVerifier");
      assertReported(noTrustOfOurOwn(), "wrong.Gullible$Trusting", "X509TrustManager");
      assertReported(noTrustOfOurOwn(), "wrong.Gullible", "setHostnameVerifier");
    }

    private void assertReported(ArchRule rule, String... parts) {
      EvaluationResult result = rule.evaluate(wrong);
      assertTrue(
          result.getFailureReport().getDetails().stream()
              .anyMatch(line -> Stream.of(parts).allMatch(line::contains)),
          () -> "no line with " + List.of(parts) + " in:\n" + report(rule));
    }

    private String report(ArchRule rule) {
      return String.join("\n", rule.evaluate(wrong).getFailureReport().getDetails());
    }
  }

  // helpers

  private static Map.Entry<String, Set<String>> room(String name, String... mayImport) {
    return Map.entry(name, Set.of(mayImport));
  }

  /** The room of a package: the longest name which it is, or is in. The root has no rooms below. */
  private static Optional<String> roomOf(String base, String packageName) {
    if (packageName.equals(base)) {
      return Optional.of("");
    }
    return ROOMS.keySet().stream()
        .filter(room -> !room.isEmpty() && isOrIsIn(packageName, base + "." + room))
        .max((a, b) -> Integer.compare(a.length(), b.length()));
  }

  private static boolean isOrIsIn(String name, String parent) {
    return name.equals(parent) || name.startsWith(parent + ".");
  }

  private static ArchRule noAccess(String description, Predicate<JavaAccess<?>> forbidden) {
    return rule(
        description,
        (type, report) -> {
          for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (forbidden.test(access)) {
              report.accept(type, access.getDescription());
            }
          }
        });
  }

  private static ArchRule rule(
      String description, BiConsumer<JavaClass, BiConsumer<JavaClass, String>> check) {
    ArchCondition<JavaClass> condition =
        new ArchCondition<>(description) {
          @Override
          public void check(JavaClass type, ConditionEvents events) {
            check.accept(
                type,
                (subject, message) -> events.add(SimpleConditionEvent.violated(subject, message)));
          }
        };
    return classes().should(condition).allowEmptyShould(true);
  }

  private static JavaClasses mainOf(String... modules) {
    return importing(
        Stream.of(modules).map(module -> ROOT.resolve(module).resolve("target/classes")).toList(),
        name -> true);
  }

  private static List<Path> testFolders() {
    List<Path> folders = new ArrayList<>();
    for (Path parent : List.of(ROOT, ROOT.resolve("it"))) {
      try (Stream<Path> modules = Files.list(parent)) {
        modules
            .map(module -> module.resolve("target/test-classes"))
            .filter(Files::isDirectory)
            .forEach(folders::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return folders;
  }

  private static JavaClasses importing(List<Path> folders, Predicate<String> named) {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("module-info"))
            .importPaths(folders.stream().filter(Files::isDirectory).toList());
    return all.that(DescribedPredicate.describe("selected", type -> named.test(type.getName())));
  }
}
