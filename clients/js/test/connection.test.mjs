// When the client tries again, how long it waits, when it gives up, and that it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start_server, suite, turn, until, within } from './stage.mjs';

describe('the connection', () => {
  const on = suite();
  const start = (url = on.proxy.url, options) => on.open(url, options);

  it('tells its states in order, from the first', async () => {
    const one = start();
    await one.state('open');
    await on.proxy.do('reset');
    await until('another connection', () => one.states.length >= 5);
    assert.deepEqual(one.states.map(({ state }) => state), ['connecting', 'open', 'waiting', 'connecting', 'open']);
    one.client.close();
    assert.deepEqual(one.last(), { state: 'closed', code: 1000, reason: '' });
  });

  it('waits anything up to a bound that doubles, and starts over only after a while', async () => {
    const one = start(on.proxy.url, { baseMs: 16, maxMs: 100, resetMs: 10_000 });
    await one.state('open');
    for (let i = 0; i < 12; ++i) {
      const before = one.states.length;
      await on.proxy.do('cut');
      await until('open again', () => one.states.slice(before).some(({ state }) => state === 'open'));
    }
    const delays = one.states.filter(({ state }) => state === 'waiting').map(({ delay }) => delay);
    delays.forEach((delay, n) => assert.ok(delay >= 1.6 && delay <= Math.min(100, 16 * 2 ** n), `${delay} after ${n}`));
    assert.ok(delays.some((delay) => delay > 16), 'it has not started over');
    assert.ok(new Set(delays).size > 3, 'they differ');
  });

  it('obeys after_ms, and adds nothing', async () => {
    const other = await start_server(['--server-drain-seconds', '1']);
    const all = Array.from({ length: 8 }, () => start(other.url, { baseMs: 10_000, maxMs: 20_000 }));
    await Promise.all(all.map((one) => one.state('open')));
    other.signal('SIGTERM');
    let obeyed = 0;
    for (const one of all) {
      const { delay, code } = await until('waiting', () => one.states.find(({ state }) => state === 'waiting'));
      const { after_ms } = one.frames.find(({ type }) => type === 'disconnect');
      assert.equal(code, 1001);
      if (after_ms) assert.equal(delay, after_ms);
      obeyed += after_ms > 0;
    }
    assert.ok(obeyed > 0, 'the server spreads them');
    for (const { client } of all) client.close();
    await other.stop();
  });

  it('is ended by a kick, and by nothing that passes', async () => {
    const one = start(on.server.url, { user: 'Kim' });
    await one.state('open');
    const { connection_id } = one.frames[0];
    assert.ok(connection_id);
    await on.server.call('bans', { address: '127.0.0.1', seconds: 1, reason: 'Enough' });
    await one.state('closed');
    assert.deepEqual(one.last(), { state: 'closed', code: 4403, reason: 'Enough' });
    await assert.rejects(one.client.room('r').say('x'), { code: 'closed' });
    await fetch(on.server.url.replace('ws:', 'http:'));
    await turn(1_100);
  });

  it('asks a silent server, and leaves it', async () => {
    const one = start(on.proxy.url, { pingMs: 100, deadMs: 150 });
    await one.state('open');
    await until('an answered ping', () => one.frames.some(({ type }) => type === 'pong'));
    assert.equal(one.dialled, 1);
    const from = performance.now();
    await on.proxy.do('half_open');
    await until('another connection', () => one.dialled > 1);
    const took = performance.now() - from;
    assert.ok(took >= 150 && took < 1_000, `${took} ms`);
    await one.state('open');
  });

  it('gives up an attempt that nobody answers', async () => {
    await on.proxy.do('half_open', { newcomers: true });
    const one = start(on.proxy.url, { attemptMs: 100 });
    await until('attempts', () => one.dialled > 2);
    await on.proxy.do('heal', { newcomers: true });
    await one.state('open');
  });

  it('notices at once that nobody is there', async () => {
    const from = performance.now();
    const one = start('ws://127.0.0.1:9/ws');
    await until('waiting', () => one.client.state === 'waiting');
    assert.ok(performance.now() - from < 2_000);
    assert.equal(one.last().code, 1006);
  });

  it('tells of a listener that throws, and of one that fails later, and calls the others', async () => {
    const one = start(on.server.url);
    const room = one.client.room('throws');
    const heard = [];
    room.on('message', () => { throw new Error('at once'); });
    room.on('message', async () => { throw new Error('later'); });
    room.on('message', ({ message }) => heard.push(message));
    one.client.on('state', () => { throw new Error('about a state'); });
    await room.say('a');
    await room.say('b');
    await until('all told', () => one.errors.length >= 4);
    assert.deepEqual(heard, ['a', 'b']);
    assert.equal(one.client.state, 'open');
    assert.deepEqual([...new Set(one.errors.map(({ message }) => message))].sort(), ['about a state', 'at once', 'later']);
  });

  it('ends in every state, at once, and leaves no timer', async () => {
    // Whatever is left would keep the process alive.
    const script = `
      import { connect } from ${JSON.stringify(new URL('../dist/troupe.js', import.meta.url).href)};
      const [url, when] = process.argv.slice(1);
      const client = connect(url, { leaveMs: 1, token: when === 'asking' ? () => new Promise(() => {}) : undefined });
      const room = client.room('r');
      room.on('message', () => {});
      room.say('x').catch(() => {});
      const end = () => { client.close(); process.stdout.write('closed'); };
      if (when === 'at once') end();
      else if (when.startsWith('refused')) {
        // Until the server makes no more names for a minute: the client will ask again by then.
        client.on('frame', ({ code }) => { if (code === 'rate_limited') when === 'refused' ? end() : setTimeout(end, 20); });
        for (let i = 0; client.state !== 'closed'; ++i) await client.room('r' + i).join().then(() => client.room('r' + i).leave(), () => {});
      }
      else if (when === 'asking') setTimeout(end, 50);
      else client.on('state', ({ state }) => { if (state === when) end(); });`;
    // In 32 rooms and 128 topics at once, and then a name a minute.
    const strict = await start_server(['--limits-names-made-per-minute', '1']);
    for (const when of ['at once', 'asking', 'connecting', 'open', 'waiting', 'refused', 'refused a moment ago']) {
      const url = when === 'waiting' ? 'ws://127.0.0.1:9/ws' : strict.url;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, url, when], { stdio: ['ignore', 'pipe', 'inherit'] });
      let closed_at;
      child.stdout.once('data', () => { closed_at = performance.now(); });
      await within(new Promise((done) => child.once('exit', done)), when).finally(() => child.kill());
      const took = performance.now() - closed_at;
      assert.ok(took < 1_000, `${when}: ${took} ms`);
    }
    await strict.stop();
  });

  it('reads what waits when the machine has slept, before it judges', async () => {
    const script = fileURLToPath(new URL('sleeper.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, on.proxy.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (bytes) => { printed += bytes; });
    await until('a member', () => printed.includes('a member'));
    // It has asked, and the answer is on its way.
    await on.proxy.do('stall', { way: 'down' });
    await until('a ping', () => printed.includes('ping'));
    child.kill('SIGSTOP');
    await until('stopped', () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '));
    const other = start(on.server.url);
    await other.client.room('sleep').say('while it slept');
    await on.proxy.do('heal');
    await turn(3_500);
    child.kill('SIGCONT');
    await until('the message', () => printed.includes('while it slept'));
    await turn(800);
    assert.ok(!printed.includes('waiting'), printed);
    child.kill();
  });

  it('works where a page has no crypto, and where WebSocket is handed in', async () => {
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    const { WebSocket: native } = globalThis;
    try {
      const one = start(on.server.url);
      delete globalThis.WebSocket;
      assert.equal((await one.client.room('plain').say('x')).offset, 1);
    } finally {
      globalThis.WebSocket = native;
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    }
  });
});
