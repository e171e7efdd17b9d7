package io.eventchannel.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.eventchannel.log.EventLog;
import io.eventchannel.log.InMemoryEventLog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** The contract fails every log that is wrong, in the test that names the rule, and says why. */
class EventLogContractTest {
  static Stream<Arguments> wrongLogs() {
    return Stream.of(
        wrong(WrongEventLog.SkipsOnRead::new, "INV_04_readGivesExactlyTheEntriesAfterAPosition"),
        wrong(WrongEventLog.RepeatsOnRead::new, "INV_04_readGivesExactlyTheEntriesAfterAPosition"),
        wrong(
            WrongEventLog.NeverGaps::new,
            "INV_04_aReaderOfWhatIsEvictedGetsAGapAndNeverASilentHole"),
        wrong(
            WrongEventLog.GapsOneTooFew::new,
            "INV_04_aReaderOfWhatIsEvictedGetsAGapAndNeverASilentHole"),
        wrong(
            WrongEventLog.ResumesAtTheHead::new,
            "INV_04_aReaderOfWhatIsEvictedGetsAGapAndNeverASilentHole"),
        wrong(WrongEventLog.SkipsBehindGaps::new, "INV_04_aPageBehindAGapIsWhatReadingOnGives"),
        wrong(WrongEventLog.LooksTwice::new, "INV_04_aPageBehindAGapIsOfTheMomentOfTheGap"),
        wrong(WrongEventLog.GapsAgain::new, "INV_04_aGapInOneOfSeveralTopicsIsToldOnce"),
        wrong(
            WrongEventLog.GapsForOtherTopics::new,
            "INV_04_aReaderOfAQuietTopicGetsNoGapForABusyOne"),
        wrong(
            WrongEventLog.TrustsTheFuture::new,
            "INV_04_aPositionThatWasNeverIssuedIsAGapThatLeadsToTheHead"),
        wrong(WrongEventLog.ReusesIds::new, "INV_02_noPositionIsIssuedTwiceNotEvenAfterARestart"),
        wrong(WrongEventLog.ReusesIds::new, "INV_02_aRestartContinuesTheHistoryOrChangesTheEpoch"),
        wrong(
            WrongEventLog.ConfirmsTooEarly::new,
            "INV_06_whatIsConfirmedIsReadableByEveryLaterRead"),
        wrong(WrongEventLog.LosesItsEntriesAgain::new, "INV_06_whatIsReadStaysReadable"),
        wrong(
            WrongEventLog.AppendsOutOfOrder::new,
            "INV_01_appendsOfOneThreadKeepTheirOrderWithoutWaiting"),
        wrong(
            WrongEventLog.IgnoresTheLimit::new, "INV_04_readGivesExactlyTheEntriesAfterAPosition"),
        wrong(
            WrongEventLog.IgnoresTheTopics::new, "INV_04_readOfTopicsGivesTheirEntriesAndNoOthers"),
        wrong(
            WrongEventLog.TailSkips::new, "tailBringsTheEntriesOfAllTopicsInOrderAndWithoutHoles"),
        wrong(
            WrongEventLog.TailSwaps::new, "tailBringsTheEntriesOfAllTopicsInOrderAndWithoutHoles"),
        wrong(
            WrongEventLog.TailRepeats::new,
            "tailBringsTheEntriesOfAllTopicsInOrderAndWithoutHoles"),
        wrong(WrongEventLog.TailStartsTooEarly::new, "tailStartsAtTheHead"),
        wrong(
            WrongEventLog.TailGoesOnAfterClose::new,
            "closedSubscriptionBringsNothingThatIsAppendedLater"),
        wrong(WrongEventLog.LocksItsSinks::new, "sinksAreCalledUnderNoLockOfTheLog"),
        wrong(WrongEventLog.NeverCloses::new, "closedLogFailsItsStagesAndItsSinks"),
        wrong(WrongEventLog.DropsSinksSilently::new, "sinkThatThrowsIsToldAndTheOthersGoOn"));
  }

  private static Arguments wrong(UnaryOperator<EventLog> spoil, String rule) {
    return arguments(spoil, rule);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("wrongLogs")
  void wrongLogFailsTheRuleThatItBreaks(UnaryOperator<EventLog> spoil, String rule)
      throws Exception {
    Throwable failure = run(rule(rule), spoil);
    String log = spoil.apply(InMemoryEventLog.create()).getClass().getSimpleName();
    assertTrue(failure instanceof AssertionError, () -> log + " passes or crashes: " + failure);
    assertTrue(
        failure.getMessage() != null && failure.getMessage().length() > 10,
        () -> log + " is not told what is wrong: " + failure);
  }

  @Test
  void soundLogPassesEveryRuleOrIsToldWhyItIsSkipped() throws Exception {
    Map<String, Throwable> failures = new TreeMap<>();
    for (Method rule : rules()) {
      Throwable failure = run(rule, UnaryOperator.identity());
      if (failure != null) {
        failures.put(rule.getName(), failure);
      }
    }
    assertEquals(List.of("tailBringsWhatAnotherProcessAppends"), List.copyOf(failures.keySet()));
    failures.values().forEach(skip -> assertTrue(skip instanceof TestAbortedException));
  }

  private static List<Method> rules() {
    List<Method> rules = new ArrayList<>();
    for (Class<?> part = EventLogContract.class;
        part != Object.class;
        part = part.getSuperclass()) {
      for (Method method : part.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          rules.add(method);
        }
      }
    }
    return rules;
  }

  private static Method rule(String name) {
    return rules().stream().filter(rule -> rule.getName().equals(name)).findFirst().orElseThrow();
  }

  private static Throwable run(Method rule, UnaryOperator<EventLog> spoil)
      throws IllegalAccessException {
    SpoiledLogContract contract = new SpoiledLogContract(spoil);
    try {
      rule.invoke(contract);
      return null;
    } catch (InvocationTargetException failed) {
      return failed.getCause();
    } finally {
      contract.closeLogs();
    }
  }

  private static final class SpoiledLogContract extends EventLogContract {
    private final UnaryOperator<EventLog> spoil;

    SpoiledLogContract(UnaryOperator<EventLog> spoil) {
      this.spoil = spoil;
    }

    @Override
    protected EventLog createLog() {
      return spoil.apply(InMemoryEventLog.builder().maxEventsPerTopic(20_000).build());
    }

    @Override
    protected EventLog createLogHolding(int eventsPerTopic) {
      return spoil.apply(InMemoryEventLog.builder().maxEventsPerTopic(eventsPerTopic).build());
    }

    @Override
    protected EventLog restart(EventLog log) {
      log.close();
      return createLog();
    }

    @Override
    protected Duration patience() {
      return Duration.ofMillis(500);
    }
  }
}
