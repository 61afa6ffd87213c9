// Lets a test drive this client: commands come as lines of JSON on standard input, replies and events go out as lines of
// JSON on standard output. tests/clients has the commands.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The client's timers are counted, and its clocks can be shifted, so both are put in place before it is loaded.
const pending = new Set();
const { setTimeout: start, clearTimeout: stop } = globalThis;
globalThis.setTimeout = (act, ms, ...rest) => {
  const timer = start(() => { pending.delete(timer); act(...rest); }, ms);
  // Node's WebSocket has timers of its own, which are not this client's.
  if (!new Error().stack.includes('undici')) pending.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => { pending.delete(timer); stop(timer); };
let shift_ms = 0;
const wall = Date.now;
globalThis.Date = class extends Date {
  constructor(...given) { super(...(given.length ? given : [wall() + shift_ms])); }
  static now() { return wall() + shift_ms; }
};

const built = process.env.TROUPE_CLIENT_JS ?? new URL('dist/troupe.js', import.meta.url).href;
const { connect, StopError } = await import(built.startsWith('file:') ? built : pathToFileURL(built).href);

const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const wanted = new Map(); // calls of the token provider that wait for an answer
const heard = new Map(); // what is listened to: its name on the wire of this program, and how to stop it
let calls = 0;
let client;

function ask_for_token(reason) {
  const call = ++calls;
  tell({ event: 'token_wanted', call, reason });
  return new Promise((resolve, reject) => wanted.set(call, { resolve, reject }));
}

function handle_of({ room, topic, pattern }) {
  if (room !== undefined) return ['room:' + room, client.room(room)];
  if (topic !== undefined) return ['topic:' + topic, client.topic(topic)];
  return ['pattern:' + pattern, client.pattern(pattern)];
}

function hears(on, frame) {
  const { type, recovered, epoch, offset } = frame;
  if (type === 'position') tell({ event: 'position', on, recovered, epoch, offset });
  else if (type === 'gap') tell({ event: 'gap', on, frame });
  else tell({ event: 'heard', on, frame });
}

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const commands = {
  open({ url, token, provider, user, options = {} }) {
    const renamed = Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
    client = connect(url, { token: provider ? ask_for_token : token, user, ...renamed });
    client.on('state', ({ delay: delay_ms, ...rest }) => tell({ event: 'state', ...rest, delay_ms }));
    client.on('error', (error) => tell({ event: 'reported', message: String(error?.message ?? error) }));
    for (const type of ['announcement', 'notification']) client.on(type, (frame) => hears('client', frame));
    return {};
  },

  token({ call, token, fail, stop }) {
    const { resolve, reject } = wanted.get(call);
    wanted.delete(call);
    if (stop) reject(new StopError('no more tokens'));
    else if (fail !== undefined) reject(new Error(fail));
    else resolve(token);
    return {};
  },

  async hear(command) {
    const [on, handle] = handle_of(command);
    // Listens before it enters, so that what comes with the answer is heard.
    const off = handle.on('*', (frame) => hears(on, frame));
    try {
      await (handle.join ?? handle.subscribe)({ presence: command.presence });
    } catch (error) {
      off();
      throw error;
    }
    const leave = handle.leave ?? handle.unsubscribe;
    heard.set(on, [...(heard.get(on) ?? []), () => { off(); leave(); }]);
    return {};
  },

  unhear(command) {
    const [on] = handle_of(command);
    const offs = heard.get(on) ?? [];
    offs.pop()?.();
    if (!offs.length) heard.delete(on);
    return {};
  },

  say: ({ room, message, options }) => client.room(room).say(message, options),
  publish: ({ topic, data, event, options }) => client.topic(topic).publish(data, { event, ...options }),

  signal(command) {
    handle_of(command)[1].signal(command.data);
    return {};
  },

  presence: (command) => handle_of(command)[1].presence({ limit: command.limit, after: command.after }),
  history: (command) =>
    handle_of(command)[1].history({ limit: command.limit, before: command.before, after: command.after }),

  async set_presence(command) {
    await handle_of(command)[1].setPresence(command.state);
    return {};
  },

  rpc: async ({ service, method, params }) => ({ result: await client.rpc(service, method, params) }),

  throw(command) {
    const on = command.room === undefined ? 'publication' : 'message';
    handle_of(command)[1].on(on, () => { throw new Error('thrown on purpose'); });
    return {};
  },

  clock(command) {
    shift_ms = command.shift_ms;
    return {};
  },

  memory() {
    globalThis.gc?.();
    return { heap: process.memoryUsage().heapUsed, timers: pending.size };
  },

  close() {
    client?.close();
    return {};
  },
};

// Lines that come together are one turn of the client.
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { n, do: name, ...command } = JSON.parse(line);
  (async () => commands[name](command))().then(
    (result) => tell({ n, result }),
    (error) => tell({ n, error: { code: error.code ?? 'internal', message: error.message } }),
  );
});
input.on('close', () => {
  client?.close();
  process.exit(0);
});
