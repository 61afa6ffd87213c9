// A server that says what a test wants it to: it is the client's `WebSocket`.
import { connect } from '../dist/troupe.js';

const ANSWERS = {
  join: ({ room }) => ({ type: 'joined', room, epoch: 'e', offset: 0 }),
  leave: ({ room }) => ({ type: 'left', room }),
  subscribe: ({ topics }) => ({ type: 'subscribed', topics, positions: Object.fromEntries(topics.map((topic) => [topic, { epoch: 'e', offset: 0 }])) }),
  message: ({ room }) => ({ type: 'sent', room, epoch: 'e', offset: 1 }),
  publish: ({ topic }) => ({ type: 'published', topic, epoch: 'e', offset: 1 }),
  history: ({ room }) => ({ type: 'history', room, epoch: 'e', offset: 0, messages: [], more: false }),
  set_presence: ({ room }) => ({ type: 'presence_updated', room }),
  refresh: () => ({ type: 'authenticated', user: { id: 'u', username: 'u', roles: [] }, expires_in: 3_600 }),
};

/**
 * A client and its server. `hello` are the frames that each connection begins with, behind `connection`; `answer(frame,
 * socket)` may give another answer than the usual one, or `null` for none.
 */
export function stand_in({ hello = [], connection = {}, answer = () => undefined, ...options } = {}) {
  const record = { sockets: [], texts: [], sent: [], states: [], errors: [] };
  class StandIn {
    constructor(url, protocols) {
      for (const each of protocols) if (!/^[\w.-]+$/.test(each)) throw new SyntaxError(`no subprotocol: ${each}`);
      record.sockets.push(Object.assign(this, { url: String(url), protocols }));
      queueMicrotask(() => {
        this.say({ type: 'connection', session: 's', heartbeat: 30, ...connection });
        hello.forEach((frame) => this.say(frame));
      });
    }
    say(frame) {
      this.hear(JSON.stringify(frame));
    }
    hear(data) {
      this.onmessage({ data });
    }
    send(text) {
      const frame = JSON.parse(text);
      record.texts.push(text);
      record.sent.push(frame);
      const { id, type } = frame;
      const given = answer(frame, this);
      if (given === null) return;
      const usual = given ?? ANSWERS[type]?.(frame);
      if (usual) queueMicrotask(() => this.say({ ...usual, id }));
    }
    end(code, reason = '') {
      this.onclose({ code, reason });
    }
    close() {}
  }
  const client = connect('ws://stand.in/ws', { baseMs: 20, maxMs: 100, WebSocket: StandIn, ...options });
  client.on('state', (state) => record.states.push(state));
  client.on('error', (error) => record.errors.push(error));
  return Object.assign(record, { client, sent_of: (type) => record.sent.filter((frame) => frame.type === type) });
}
