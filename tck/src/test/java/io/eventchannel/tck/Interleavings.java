package io.eventchannel.tck;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * How the interleaving tests look through schedules. Lincheck runs a small scenario of operations
 * under one schedule after the other, fewest switches between threads first; then it compares what
 * the operations returned with what they return one after the other, and asks the method that
 * validates. It makes the same choices in every run.
 *
 * <p>It switches at each access to shared memory, but knows sequential consistency only: that a
 * field should be volatile is not seen here.
 */
public final class Interleavings {
  private static final int FACTOR = Integer.getInteger("interleavings.factor", 1);

  private static final Pattern CALL = Pattern.compile("(\\w+)(?:\\((\\d+)\\))?");

  private Interleavings() {}

  /**
   * Returns options for scenarios that Lincheck makes up, each under at most so many schedules;
   * both many times more in a long run, {@code -Dinterleavings.factor=10}.
   *
   * @param atomic classes whose methods are not looked into: immutable values, and pure functions
   */
  public static ModelCheckingOptions options(int scenarios, int schedules, Class<?>... atomic) {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(scenarios * FACTOR)
            .invocationsPerIteration(schedules * FACTOR)
            .actorsAfter(0)
            .minimizeFailedScenario(false);
    if (atomic.length > 0) {
      String[] names = Arrays.stream(atomic).map(Class::getName).toArray(String[]::new);
      options.addGuarantee(forClasses(names).allMethods().ignore());
    }
    return options;
  }

  /**
   * Returns a scenario: first some operations, then those of each thread. Operations are given by
   * name, {@code read} or {@code read(2)}, with a blank between two.
   */
  public static ExecutionScenario scenario(Class<?> operations, String first, String... threads) {
    List<List<Actor>> parallel = new ArrayList<>();
    for (String thread : threads) {
      parallel.add(actors(operations, thread));
    }
    Actor validation =
        Arrays.stream(operations.getMethods())
            .filter(method -> method.isAnnotationPresent(Validate.class))
            .map(method -> actor(method, List.of()))
            .findFirst()
            .orElse(null);
    return new ExecutionScenario(actors(operations, first), parallel, List.of(), validation);
  }

  private static List<Actor> actors(Class<?> operations, String calls) {
    List<Actor> actors = new ArrayList<>();
    for (String call : calls.isEmpty() ? new String[0] : calls.split(" ")) {
      Matcher parts = CALL.matcher(call);
      if (!parts.matches()) {
        throw new IllegalArgumentException("operation: expected name or name(number), got " + call);
      }
      String number = parts.group(2);
      try {
        actors.add(
            number == null
                ? actor(operations.getMethod(parts.group(1)), List.of())
                : actor(
                    operations.getMethod(parts.group(1), int.class),
                    List.of(Integer.valueOf(number))));
      } catch (NoSuchMethodException e) {
        throw new IllegalArgumentException("operation: " + call, e);
      }
    }
    return actors;
  }

  private static Actor actor(Method method, List<Object> arguments) {
    return new Actor(method, arguments, false, false, false, false, false);
  }
}
