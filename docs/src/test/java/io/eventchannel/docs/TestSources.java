package io.eventchannel.docs;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Finds the tests that name rows. Sources are parsed by the compiler, not by patterns, so a name in
 * a comment or a string is none; and sources are read rather than classes, so tests of other
 * modules need not be on the class path.
 *
 * <p>A test in an abstract class counts only if some class that extends it, by simple name, is
 * concrete: a contract that nobody runs guards nothing. Disabled tests guard nothing either.
 */
final class TestSources {
  private static final Set<String> TEST_ANNOTATIONS =
      Set.of(
          "Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate", "FuzzTest");

  /** A class as its source shows it. */
  private record Type(String name, boolean isAbstract, Guard.Home home, List<Method> methods) {}

  private record Method(String name, boolean isTest, boolean isDisabled, boolean isBrowser) {}

  private final Map<String, List<Type>> bySuperName = new HashMap<>();
  private final List<Type> types = new ArrayList<>();
  private final List<String> mistakes = new ArrayList<>();

  private TestSources() {}

  /** What was found: tests that name rows, and names that say a row where they must not. */
  record Found(List<Guard> guards, List<String> mistakes) {}

  static Found scan(Reactor reactor) {
    TestSources sources = new TestSources();
    for (Reactor.Module module : reactor.modules()) {
      Guard.Home home = module.path().startsWith("it/") ? Guard.Home.IT : Guard.Home.VERIFY;
      sources.parse(Reactor.javaFiles(module.testSources()), home);
      if (module.path().equals("tck")) {
        sources.parse(Reactor.javaFiles(module.mainSources()), home);
      }
    }
    return sources.found();
  }

  private void parse(List<Path> files, Guard.Home home) {
    if (files.isEmpty()) {
      return;
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      for (CompilationUnitTree unit : task.parse()) {
        for (Tree tree : unit.getTypeDecls()) {
          if (tree instanceof ClassTree type) {
            addType(type, "", false, home);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void addType(ClassTree tree, String outer, boolean outerDisabled, Guard.Home outerHome) {
    String name = outer + tree.getSimpleName();
    ModifiersTree modifiers = tree.getModifiers();
    boolean disabled = outerDisabled || hasAnnotation(modifiers, Set.of("Disabled"));
    Guard.Home home = isBrowser(modifiers) ? Guard.Home.BROWSER : outerHome;
    List<Method> methods = new ArrayList<>();
    for (Tree member : tree.getMembers()) {
      if (member instanceof ClassTree nested) {
        addType(nested, name + ".", disabled, home);
      } else if (member instanceof MethodTree method) {
        ModifiersTree on = method.getModifiers();
        methods.add(
            new Method(
                method.getName().toString(),
                hasAnnotation(on, TEST_ANNOTATIONS),
                disabled || hasAnnotation(on, Set.of("Disabled")),
                isBrowser(on)));
      }
    }
    boolean isAbstract =
        modifiers.getFlags().contains(Modifier.ABSTRACT) || tree.getKind() == Tree.Kind.INTERFACE;
    List<Tree> parents = new ArrayList<>(tree.getImplementsClause());
    if (tree.getExtendsClause() != null) {
      parents.add(tree.getExtendsClause());
    }
    Type type = new Type(name, isAbstract, home, methods);
    types.add(type);
    for (Tree parent : parents) {
      bySuperName.computeIfAbsent(simpleName(parent), k -> new ArrayList<>()).add(type);
    }
  }

  private Found found() {
    List<Guard> guards = new ArrayList<>();
    for (Type type : types) {
      for (Method method : type.methods()) {
        List<String> rows = RowNames.rowsOf(method.name());
        String name = type.name() + "." + method.name();
        if (RowNames.isMisspelt(method.name())) {
          mistakes.add(name + " begins like a row but is not written as one, as in SSE_P_03_fact");
        }
        if (rows.isEmpty()) {
          continue;
        }
        if (!method.isTest()) {
          mistakes.add(name + " names a row but is not a test");
        } else if (!method.isDisabled()) {
          TreeSet<String> runners = new TreeSet<>();
          TreeSet<Guard.Home> homes = new TreeSet<>();
          for (Type runner : runnersOf(type)) {
            runners.add(runner.name());
            homes.add(method.isBrowser() ? Guard.Home.BROWSER : runner.home());
          }
          if (!runners.isEmpty()) {
            guards.add(new Guard(new TreeSet<>(rows), type.name(), method.name(), runners, homes));
          }
        }
      }
    }
    guards.sort(null);
    mistakes.sort(null);
    return new Found(guards, mistakes);
  }

  /** The concrete classes in which a type's tests run: itself, or those that extend it. */
  private Set<Type> runnersOf(Type type) {
    Set<Type> runners = new HashSet<>();
    Set<Type> seen = new HashSet<>();
    Deque<Type> open = new ArrayDeque<>(List.of(type));
    while (!open.isEmpty()) {
      Type next = open.pop();
      if (seen.add(next)) {
        if (!next.isAbstract()) {
          runners.add(next);
        }
        String simple = next.name().substring(next.name().lastIndexOf('.') + 1);
        open.addAll(bySuperName.getOrDefault(simple, List.of()));
      }
    }
    return runners;
  }

  private static boolean hasAnnotation(ModifiersTree modifiers, Set<String> names) {
    return modifiers.getAnnotations().stream()
        .anyMatch(annotation -> names.contains(simpleName(annotation.getAnnotationType())));
  }

  private static boolean isBrowser(ModifiersTree modifiers) {
    for (AnnotationTree annotation : modifiers.getAnnotations()) {
      if (simpleName(annotation.getAnnotationType()).equals("Tag")
          && annotation.getArguments().toString().contains("\"browser\"")) {
        return true;
      }
    }
    return false;
  }

  private static String simpleName(Tree tree) {
    String text = tree.toString();
    int generic = text.indexOf('<');
    String raw = generic < 0 ? text : text.substring(0, generic);
    return raw.substring(raw.lastIndexOf('.') + 1);
  }
}
