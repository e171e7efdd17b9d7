/**
 * Tools to test EventChannel, and what others write for it. Nothing in them sleeps: time is moved
 * by the test, and what must come is waited for with a deadline.
 *
 * <p>{@link io.eventchannel.tck.VirtualScheduler} is the clock and the timers of an engine; with
 * {@link io.eventchannel.tck.ManualExecutor} everything runs on the test's own thread:
 *
 * <pre>{@code
 * VirtualScheduler scheduler = new VirtualScheduler();
 * ManualExecutor executor = new ManualExecutor();
 * scheduler.schedule(() -> executor.execute(() -> attempts.add("try")), SECONDS.toNanos(3));
 * assertEquals(Optional.of(Duration.ofSeconds(3)), scheduler.nextDelay());
 * scheduler.advance(Duration.ofSeconds(3)); // runs the timer, here and now
 * executor.runAll();
 * assertEquals(List.of("try"), attempts);
 * assertEquals(0, scheduler.pendingTasks()); // no timer is left behind
 * scheduler.deepSleep(Duration.ofHours(8)); // the wall clock moves, the monotonic one does not
 * }</pre>
 *
 * <p>{@link io.eventchannel.tck.ScriptedTransport} is a network that does what the test says, and
 * {@link io.eventchannel.tck.RecordingListener} tells what the application got, so that the test of
 * an engine is a transcript:
 *
 * <pre>{@code
 * ScriptedTransport network = new ScriptedTransport(Transport.SSE);
 * RecordingListener listener = new RecordingListener();
 * EventChannel channel = open(network, listener); // the engine under test
 * ScriptedConnection first = network.takeConnection();
 * first.opens().event(Event.message("one").withId("e-1")).breaks();
 * listener.takeOpen();
 * assertEquals("one", listener.takeEvent().data());
 * scheduler.advance(listener.takeConnectionLost().retryDelay());
 * ScriptedConnection second = network.takeConnection();
 * assertEquals("e-1", second.request().lastEventId());
 * channel.close();
 * listener.takeClosed();
 * listener.assertExhausted(); // nothing unexplained, no contract broken
 * network.assertExhausted();
 * }</pre>
 *
 * <p>{@link io.eventchannel.tck.ScriptedServer} speaks raw bytes to a real client, led by the
 * test's own thread or by scripts; {@link io.eventchannel.tck.RawFrames} are its WebSocket frames:
 *
 * <pre>{@code
 * try (ScriptedServer server = new ScriptedServer()) {
 *   connectClient(server.uri("/feed"));
 *   RawConnection stream = server.accept();
 *   stream.acceptEventStream().expectNoHeader("Last-Event-ID");
 *   stream.write("id: e-1\ndata: one\n\n");
 *   stream.write("id: e-2\ndata: cut short"); // no blank line: this event never was
 *   stream.reset();
 *   RawConnection next = server.accept();
 *   next.acceptWebSocket().expectHeader("Last-Event-ID", "e-1");
 *   next.write(RawFrames.text("{\"id\":\"e-2\",\"data\":\"two\"}"));
 *   assertEquals(RawFrames.CLOSE, next.readFrame().opcode());
 * } // ends all sockets and threads, and fails if a script failed
 * }</pre>
 *
 * <p>{@link io.eventchannel.tck.FaultProxy} stands before a real server and hurts what passes:
 *
 * <pre>{@code
 * try (FaultProxy proxy = new FaultProxy(serverPort)) {
 *   proxy.planNext(FaultPlan.none().cutAfter(100, Direction.DOWN, Cut.RST));
 *   connectClient(proxy.uri("/feed"));
 *   proxy.awaitCuts(1, Duration.ofSeconds(10));
 *   proxy.planAll(FaultPlan.none().inOneByteSegments().atBytesPerSecond(1_000));
 *   proxy.awaitAccepted(2, Duration.ofSeconds(10));
 *   proxy.stallAll();
 *   proxy.unstallAll();
 *   proxy.cutRandomly(seed, 20_000); // each further connection lives about 20 KB
 *   proxy.cutAll(Cut.FIN);
 *   proxy.planAll(FaultPlan.none().refuseUpgrades(403)); // SSE passes, WebSocket does not
 *   proxy.stopListening(); // as if no server ran
 *   proxy.listenAgain();
 * }
 * }</pre>
 *
 * <p>{@link io.eventchannel.tck.History} judges a long run: whether every listener got each
 * published event once, in order, or was told of the gap:
 *
 * <pre>{@code
 * History history = new History(seed); // the data of each event is its number
 * HistoryListener listener = history.listener("client-1");
 * open(listener); // as often as there are channels
 * for (long number = 1; number <= 100_000; number++) {
 *   history.published(publish(Event.message("" + number)), number);
 * }
 * listener.awaitReceived(100_000, Duration.ofMinutes(1));
 * history.assertClean(); // else: the seed, how many violations of each kind, and the first
 * }</pre>
 */
@NullMarked
package io.eventchannel.tck;

import org.jspecify.annotations.NullMarked;
