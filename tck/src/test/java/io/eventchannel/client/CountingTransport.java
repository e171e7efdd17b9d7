package io.eventchannel.client;

import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.transport.ConnectRequest;
import io.eventchannel.transport.Connection;
import io.eventchannel.transport.ConnectionInfo;
import io.eventchannel.transport.ConnectionListener;
import io.eventchannel.transport.ConnectionListener.ConnectionEnd;
import io.eventchannel.transport.Transport;

/**
 * A transport to a server that sends so many numbered events, as fast as they are read, and ends
 * the connection. Each connection has a thread.
 */
final class CountingTransport implements Transport {
  private final long events;
  private final CloseReason end;

  CountingTransport(long events, CloseReason end) {
    this.events = events;
    this.end = end;
  }

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public Connection connect(ConnectRequest request, ConnectionListener listener) {
    Stream stream = new Stream(listener);
    Thread thread = new Thread(stream, "counting");
    thread.setDaemon(true);
    thread.start();
    return stream;
  }

  @Override
  public void close() {}

  private final class Stream implements Connection, Runnable {
    private final ConnectionListener listener;
    // Guarded by this.
    private boolean paused;
    private boolean givenUp;

    Stream(ConnectionListener listener) {
      this.listener = listener;
    }

    @Override
    public void run() {
      listener.onOpen(ConnectionInfo.foreign());
      for (long i = 1; i <= events; i++) {
        if (!mayGoOn()) {
          listener.onClosed(ConnectionEnd.of(CloseReason.of(CloseReason.Kind.LOCAL, "given up")));
          return;
        }
        Event event = Event.message(Long.toString(i)).withId("e-" + i);
        listener.onEvent(event, event.id());
      }
      listener.onClosed(ConnectionEnd.of(end));
    }

    private synchronized boolean mayGoOn() {
      while (paused && !givenUp) {
        try {
          wait();
        } catch (InterruptedException e) {
          return false;
        }
      }
      return !givenUp;
    }

    private synchronized void change(boolean pausedNow, boolean givenUpNow) {
      paused = pausedNow;
      givenUp |= givenUpNow;
      notifyAll();
    }

    @Override
    public void send(long seq, Event event) {
      throw new IllegalStateException("this server takes nothing");
    }

    @Override
    public void pauseReading() {
      change(true, false);
    }

    @Override
    public void resumeReading() {
      change(false, false);
    }

    @Override
    public void close(int code, String reason) {
      change(false, true);
    }

    @Override
    public void cancel() {
      change(false, true);
    }
  }
}
