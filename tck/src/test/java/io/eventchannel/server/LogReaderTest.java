package io.eventchannel.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.eventchannel.log.Page;
import io.eventchannel.log.TopicFilter;
import io.eventchannel.tck.ManualExecutor;
import io.eventchannel.tck.VirtualScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Reads for many, of which each is answered whatever fails. */
class LogReaderTest {
  private static final int PARALLEL = 2;
  private static final long TIMEOUT_NANOS = 1_000_000_000L;

  private final VirtualScheduler clock = new VirtualScheduler();
  private final ManualExecutor threads = new ManualExecutor();
  private final FollowedLog log = new FollowedLog();
  private int refusals; // how many tasks get no thread

  private LogReader reader(Executor executor) {
    return new LogReader(log, executor, clock, PARALLEL, TIMEOUT_NANOS);
  }

  private void refuseOrRun(Runnable task) {
    if (refusals-- > 0) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    threads.execute(task);
  }

  private static Taken read(LogReader reader) {
    Taken answer = new Taken();
    reader.read(FollowedLog.START, TopicFilter.all(), 10, answer);
    return answer;
  }

  private static final class Taken implements LogReader.Answer {
    private final List<Object> answers = new ArrayList<>();
    private Page page;
    private Throwable failure;
    private boolean abandoned;

    @Override
    public void onAnswer(Page page, Throwable failure) {
      this.page = page;
      this.failure = failure;
      answers.add(page == null ? failure : page);
    }

    @Override
    public boolean isAbandoned() {
      return abandoned;
    }
  }

  @Test
  void F42_whereNoThreadCanBeHadEachReadFailsAndLaterOnesAreAnswered() {
    LogReader reader = reader(this::refuseOrRun);
    refusals = 5;
    for (int i = 0; i < 5; i++) { // more than there are turns
      assertInstanceOf(OutOfMemoryError.class, read(reader).failure);
    }
    assertNotNull(answered(read(reader)).page);
  }

  @Test
  void F42_whereTheTurnOfOneCannotBePassedOnThoseWhoWaitAreAnsweredNeverTheLess() {
    LogReader reader = reader(this::refuseOrRun);
    List<Taken> waiting = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      waiting.add(read(reader));
    }
    refusals = 19_000; // so many that calls inside each other would overflow the stack
    threads.runAll();
    long failed = waiting.stream().filter(each -> each.failure != null).count();
    assertEquals(19_000, failed);
    waiting.forEach(each -> assertEquals(1, each.answers.size()));
    assertNotNull(answered(read(reader)).page);
  }

  private Taken answered(Taken answer) {
    threads.runAll();
    assertEquals(1, answer.answers.size());
    return answer;
  }

  @Test
  void F27_thoseWhoHaveGoneAreNotKeptWhileTheLogHangs() {
    LogReader reader = reader(task -> {}); // which never ends
    for (int i = 0; i < 100_000; i++) {
      Taken gone = read(reader);
      gone.abandoned = true;
    }
    Taken stays = read(reader);
    assertTrue(reader.waiting() < 3_000, () -> reader.waiting() + " wait");
    assertNull(stays.failure);
  }
}
