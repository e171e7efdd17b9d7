'use strict';

/**
 * A feed of EventChannel in a page, by what every browser has: a WebSocket, or where none passes an
 * EventSource for what comes and fetch for what is sent. Either carries the same envelopes
 * (docs/protocol.md, rules W-2, S-4 and U-1), so there is one reader and one writer.
 *
 * onEvent gets { id, event, topic, data }; onGap the reason why some events will not come; onState
 * a text and whether the feed is open. Nothing here is a library: copy it and change it.
 */
class LiveFeed {
  constructor(path, { lastEventId = '', onEvent, onGap = () => {}, onState = () => {} }) {
    Object.assign(this, { path, lastEventId, onEvent, onGap, onState });
    this.overWebSocket = true;
    this.failures = 0;
    this.connect();
  }

  connect() {
    this.channel = null; // the server names it in its hello
    this.sent = 0;
    this.undecided = new Map();
    this.patience = 10000;
    this.onState('connecting', false);
    const query = '?hello=1&lastEventId=' + encodeURIComponent(this.lastEventId);
    if (this.overWebSocket) {
      const socket = new WebSocket(location.origin.replace('http', 'ws') + this.path + query);
      socket.onclose = () => this.lost(socket);
      this.write = line => socket.send(line);
      this.connection = socket;
    } else {
      const source = new EventSource(this.path + query + '&envelope=json');
      source.onerror = () => this.lost(source); // also when it would come back, so there is one way back
      let posting = Promise.resolve();
      this.write = line => { posting = posting.then(() => this.post(source, line)); };
      this.connection = source;
    }
    const mine = this.connection;
    mine.onmessage = message => { if (mine === this.connection) this.take(JSON.parse(message.data)); };
    this.expectMore();
  }

  /** Comes back from the last event ID; over the other transport if this one did not even say hello. */
  lost(connection) {
    if (connection !== this.connection) return;
    clearTimeout(this.silence);
    connection.close();
    this.connection = null;
    for (const one of this.undecided.values()) one.failed(new Error('the connection was lost before the answer'));
    if (!this.channel) this.overWebSocket = !this.overWebSocket;
    this.channel = null;
    this.onState('connection lost', false);
    const delay = Math.min(30000, 250 * 2 ** this.failures++);
    setTimeout(() => this.connect(), delay * (1 + Math.random()));
  }

  /** A dead connection makes no noise; a live one does, once in a heartbeat. */
  expectMore() {
    clearTimeout(this.silence);
    const mine = this.connection;
    this.silence = setTimeout(() => this.lost(mine), this.patience);
  }

  take(envelope) {
    this.expectMore();
    if (envelope.id) this.lastEventId = envelope.id;
    const type = envelope.event || 'message';
    if (!type.startsWith('eventchannel.')) {
      this.onEvent({ id: envelope.id, event: type, topic: envelope.topic, data: envelope.data });
      return;
    }
    const data = envelope.data ? JSON.parse(envelope.data) : {};
    switch (type) {
      case 'eventchannel.hello':
        this.channel = data.channel;
        this.patience = 2.5 * data.heartbeat;
        this.failures = 0;
        this.onState(this.overWebSocket ? 'open over WebSocket' : 'open over SSE', true);
        break;
      case 'eventchannel.gap': this.onGap(data.reason); break;
      case 'eventchannel.refused': this.decide(data.seq, one => one.failed(new Error(data.reason))); break;
      case 'eventchannel.ack': this.taken(data.seq); break;
    }
  }

  decide(seq, how) {
    const one = this.undecided.get(seq);
    this.undecided.delete(seq);
    if (one) how(one);
  }

  /** Everything up to that number is decided. */
  taken(upTo) {
    for (const seq of [...this.undecided.keys()]) if (seq <= upTo) this.decide(seq, one => one.done());
  }

  /** Sends an event; the promise is kept when the server's application has it. */
  send(event, data) {
    if (!this.channel) return Promise.reject(new Error('not connected'));
    const seq = ++this.sent;
    return new Promise((done, failed) => {
      this.undecided.set(seq, { done, failed });
      this.write(JSON.stringify({ seq, event, data }) + '\n');
    });
  }

  async post(source, line) {
    if (source !== this.connection) return;
    try {
      const answer = await fetch(this.path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', 'EventChannel-Id': this.channel },
        body: line,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(answer.status + ' ' + text);
      if (source !== this.connection) return;
      for (const refusal of text.split('\n')) if (refusal) this.take(JSON.parse(refusal));
      this.taken(Number(answer.headers.get('EventChannel-Ack')));
    } catch (failure) {
      console.warn(failure);
      this.lost(source);
    }
  }
}
