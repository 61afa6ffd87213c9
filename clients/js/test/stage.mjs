// What the tests share: the real server, the fault proxy, clients whose frames are recorded, and waiting for what happens.
//
// TROUPE_BIN names the server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../dist/troupe.js';

const binary = process.env.TROUPE_BIN;
const tools = fileURLToPath(new URL('../../../tests/tools', import.meta.url));
export const patience_ms = 20_000;
export const secret = 'a-secret-of-the-tests-32-bytes-long';
const api_key = 'a-key-for-the-client-tests';

export const turn = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Waits for a promise, but not for ever. */
export function within(promise, what) {
  let late;
  const limit = new Promise((_, fail) => {
    late = setTimeout(() => fail(new Error(`${what}: not within ${patience_ms} ms`)), patience_ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(late));
}

/** Waits until `look` finds something. */
export async function until(what, look) {
  const give_up_at = performance.now() + patience_ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > give_up_at) throw new Error(`${what}: not within ${patience_ms} ms`);
    await turn(5);
  }
}

/** The first line of a child's output that matches. */
function line_of(child, pattern) {
  return within(new Promise((done, fail) => {
    let printed = '';
    child.stderr.on('data', (bytes) => { printed += bytes; });
    child.once('exit', (code) => fail(new Error(`ended with ${code}:\n${printed}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed += line + '\n';
      const found = line.match(pattern);
      if (found) done(found);
    });
  }), String(pattern));
}

/** `troupe serve`; `port` is for one that comes back where another was. */
export async function start_server(options = [], { port = 0, env = {} } = {}) {
  assert.ok(binary, 'TROUPE_BIN must name the server');
  const child = spawn(binary, ['serve', '--port', String(port), '--limits-messages-per-minute', '0', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TROUPE_API_KEYS: api_key, ...env },
  });
  const exited = new Promise((done) => child.once('exit', done));
  const [, digits] = await line_of(child, /http:\/\/127\.0\.0\.1:(\d+)\//);
  const server = {
    port: Number(digits),
    url: `ws://127.0.0.1:${digits}/ws`,
    async call(path, body) {
      const answer = await fetch(`http://127.0.0.1:${digits}/api/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
      return answer.json();
    },
    signal: (name) => child.kill(name),
    async stop(name = 'SIGTERM') {
      child.kill(name);
      await within(exited, 'the end of the server');
    },
  };
  return server;
}

/** A token as `troupe token` makes it. */
export function make_token(...options) {
  const child = spawn(binary, ['token', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TROUPE_AUTH_SECRET: secret },
  });
  return line_of(child, /^\S+\.\S+\.\S+$/).then(([token]) => token);
}

/** The fault proxy in front of a port. */
export async function start_proxy(target) {
  const child = spawn('python3', ['-m', 'fault_proxy', '--target', String(target)], { cwd: tools, stdio: ['ignore', 'pipe', 'pipe'] });
  const [line] = await line_of(child, /^\{.*/);
  const { port, control } = JSON.parse(line);
  const socket = createConnection(control, '127.0.0.1');
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    port,
    url: `ws://127.0.0.1:${port}/ws`,
    async do(command, fields = {}) {
      socket.write(JSON.stringify({ do: command, ...fields }) + '\n');
      const answer = JSON.parse((await within(answers.next(), command)).value);
      assert.ok(answer.ok, answer.error);
      return answer;
    },
    stop() {
      socket.destroy();
      child.kill();
    },
  };
}

/**
 * A client whose frames are recorded: `sent` and `states` are lists. The delays are short, so that the tests are.
 * `dialled` counts its sockets.
 */
export function open(url, options = {}) {
  const record = { sent: [], states: [], frames: [], errors: [], dialled: 0 };
  class Recorded extends WebSocket {
    constructor(...given) {
      super(...given);
      record.dialled++;
    }
    send(text) {
      record.sent.push(JSON.parse(text));
      super.send(text);
    }
  }
  const client = connect(url, { baseMs: 20, maxMs: 100, WebSocket: Recorded, ...options });
  client.on('state', (state) => record.states.push(state));
  client.on('frame', (frame) => record.frames.push(frame));
  client.on('error', (error) => record.errors.push(error));
  return Object.assign(record, {
    client,
    state: (name) => until(name, () => client.state === name),
    sent_of: (type) => record.sent.filter((frame) => frame.type === type),
    last: () => record.states.at(-1),
  });
}

/** For a `describe`: a server with a fault proxy before it, and clients that end with the suite. `options` and `more` are the server's. */
export function suite(options, more) {
  const opened = [];
  const on = {
    open(url, given) {
      opened.push(open(url, given));
      return opened.at(-1);
    },
    close_all() {
      for (const { client } of opened.splice(0)) client.close();
    },
  };
  before(async () => {
    on.server = await start_server(options, more);
    on.proxy = await start_proxy(on.server.port);
  });
  after(async () => {
    on.close_all();
    on.proxy.stop();
    await on.server.stop();
  });
  return on;
}
