// The token: when it is asked for, how often, and what becomes of one that is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StopError } from '../dist/troupe.js';
import { make_token, secret, start_server, suite, turn, until } from './stage.mjs';

describe('tokens', () => {
  const on = suite(['--auth-required', 'true', '--auth-leeway-seconds', '0', '--auth-expiry-grace-seconds', '0'],
    { env: { TROUPE_AUTH_SECRET: secret } });
  const start = (token, url = on.server.url, options) => on.open(url, { token, ...options });

  const fresh = (seconds = 600) => make_token('--user', 'u1', '--username', 'Ann', '--expires', String(seconds));

  it('takes a text, and ends when that is refused', async () => {
    const good = start(await fresh());
    await good.state('open');
    await until('authenticated', () => good.frames.some(({ type, user }) => type === 'authenticated' && user.id === 'u1'));
    const bad = start('not.a.token');
    await bad.state('closed');
    assert.deepEqual(bad.last(), { state: 'closed', code: 1008, reason: 'Invalid token' });
    assert.equal(bad.dialled, 1);
  });

  it('asks once, and brings the same token to the next connection', async () => {
    const reasons = [];
    const one = start(async (reason) => { reasons.push(reason); return fresh(); }, on.proxy.url);
    await one.state('open');
    await on.proxy.do('cut');
    await until('another connection', () => one.dialled === 2 && one.client.state === 'open');
    assert.deepEqual(reasons, ['connect']);
  });

  it('asks once more for one that is refused, and ends at the second', async () => {
    const reasons = [];
    const one = start((reason) => { reasons.push(reason); return 'not.a.token'; });
    await one.state('closed');
    assert.deepEqual(reasons, ['connect', 'invalid']);
    assert.equal(one.last().code, 1008);
  });

  it('goes on with a good one', async () => {
    const good = await fresh();
    const reasons = [];
    const one = start((reason) => { reasons.push(reason); return reason === 'connect' ? 'not.a.token' : good; });
    await one.state('open');
    assert.deepEqual(reasons, ['connect', 'invalid']);
  });

  it('brings a new one before the old one expires, on the same connection', async () => {
    const reasons = [];
    const at = [];
    const one = start(async (reason) => {
      reasons.push(reason);
      at.push(performance.now());
      return fresh(reasons.length === 1 ? 5 : 600);
    });
    let accepted_at;
    one.client.on('authenticated', () => { accepted_at ??= performance.now(); });
    await until('authenticated again', () => one.frames.filter(({ type }) => type === 'authenticated').length === 2);
    assert.deepEqual(reasons, ['connect', 'refresh']);
    const { expires_in } = one.frames.find(({ type }) => type === 'authenticated');
    const part = (at[1] - accepted_at) / 1_000 / expires_in;
    assert.ok(part >= 0.74 && part < 1, `at ${part} of ${expires_in} s`);
    assert.equal(one.dialled, 1);
  });

  it('asks again, later each time, while the provider fails', async () => {
    let calls = 0;
    const one = start(async () => { if (++calls < 5) throw new Error(`no ${calls}`); return fresh(); });
    await one.state('open');
    assert.equal(calls, 5);
    const waits = one.states.filter(({ state }) => state === 'waiting');
    assert.deepEqual(waits.map(({ reason }) => reason), ['no 1', 'no 2', 'no 3', 'no 4']);
    assert.equal(one.dialled, 1);
  });

  it('ends when the provider says so', async () => {
    const one = start(async () => { throw new StopError('signed out'); });
    await one.state('closed');
    assert.equal(one.last().reason, 'signed out');
    assert.equal(one.dialled, 0);
  });

  it('ends when the provider says so later', async () => {
    const one = start(async (reason) => { if (reason === 'refresh') throw new StopError('signed out'); return fresh(2); });
    await one.state('open');
    await one.state('closed');
    assert.equal(one.last().reason, 'signed out');
  });

  it('never has two calls at once, however the connection ends meanwhile', async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const good = await fresh();
    const one = start(async (reason) => {
      most = Math.max(most, ++running);
      calls++;
      await turn(reason === 'refresh' ? 700 : 0);
      running--;
      return reason === 'refresh' ? good : fresh(2);
    }, on.proxy.url);
    await until('the refresh', () => calls === 2);
    await on.proxy.do('reset');
    await until('another connection', () => one.dialled === 2 && one.client.state === 'open');
    await turn(800);
    assert.equal(most, 1);
    assert.ok(calls <= 3, `${calls} calls`);
  });

  it('asks for a new one when two handshakes fail without a word', async () => {
    const silent = await start_server(['--auth-required', 'true', '--auth-reject', 'http'],
      { env: { TROUPE_AUTH_SECRET: secret } });
    const reasons = [];
    const one = start(async (reason) => { reasons.push(reason); return reasons.length === 1 ? 'not.a.token' : fresh(); }, silent.url);
    await one.state('open');
    assert.deepEqual(reasons, ['connect', 'connect']);
    assert.equal(one.dialled, 3);
    await silent.stop();
  });
});
