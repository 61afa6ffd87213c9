// What a program should not ask for, and what a server should not say.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { stand_in } from './stand_in.mjs';
import { turn, until, within } from './stage.mjs';

const opened = [];
function start(given) {
  opened.push(stand_in(given));
  return opened.at(-1);
}
afterEach(() => { for (const { client } of opened.splice(0)) client.close(); });

describe('a program that asks for what cannot be', () => {
  it('is told at once of what is no JSON, and all else goes on', async () => {
    const { client, sent_of } = start();
    const room = client.room('r');
    const circle = {};
    circle.circle = circle;
    const bad = [7n, circle, { toJSON() { throw new Error('not today'); } }];
    for (const when of ['waiting', 'open']) {
      const said = [room.say('before'), ...bad.map((each) => room.say(each)), room.say('after')];
      const [first, ...rest] = await within(Promise.allSettled(said), when);
      assert.equal(first.status, 'fulfilled');
      assert.equal(rest.pop().status, 'fulfilled');
      for (const { reason } of rest) assert.equal(reason.code, 'bad_request');
      assert.match(rest[2].reason.message, /not today/);
    }
    await assert.rejects(room.setPresence(circle), { code: 'bad_request' });
    assert.throws(() => room.signal(circle), { code: 'bad_request' });
    assert.equal(room.signal('fine'), true);
    await room.history();
    assert.deepEqual(sent_of('message').map(({ message }) => message), ['before', 'after', 'before', 'after']);
    assert.equal(sent_of('signal').length, 1);
  });

  it('sends what was said, whatever becomes of it later', async () => {
    const { client, sent_of } = start();
    const content = { word: 'said' };
    const said = client.room('r').say(content);
    content.word = 'changed';
    await said;
    assert.deepEqual(sent_of('message')[0].message, { word: 'said' });
  });

  it('has the default where an option is undefined', async () => {
    const { client } = start({ answer: ({ type }) => type === 'message' ? null : undefined, deadlineMs: undefined, offline: undefined });
    const said = client.room('r').say('word');
    await turn(100);
    assert.equal(await Promise.race([said.catch(({ code }) => code), 'waits']), 'waits');
    client.close();
    await assert.rejects(said, { code: 'closed' });
  });

  it('hears that it has closed of whatever has no answer yet', async () => {
    const { client, sent_of } = start({ answer: ({ type }) => type === 'join' ? undefined : null });
    const room = client.room('r');
    await room.join();
    const asked = [room.say('word'), room.history(), room.presence()];
    await until('sent', () => sent_of('history').length);
    client.close();
    for (const { reason } of await Promise.allSettled(asked)) assert.equal(reason.code, 'closed');
  });

  it('names each request before what it says', async () => {
    const { client, texts } = start();
    await client.topic('t').publish('cut \ud83d');
    await client.request({ type: 'history', room: 'r', id: 'mine' });
    assert.ok(texts.length > 1);
    for (const text of texts) assert.match(text, /^\{"id":\d+,/);
  });

  it('is told of a message that the server finds too big, and says the others', async () => {
    const { client, sockets, sent_of } = start({
      answer({ type, message }, socket) {
        if (type === 'join' || sockets.length > 1) return undefined;
        if (message?.length > 1_000) queueMicrotask(() => socket.end(1009, 'Message too big'));
        return null;
      },
    });
    const room = client.room('r');
    await room.join();
    const other = room.say('short');
    const history = room.history();
    const big = room.say('x'.repeat(2_000));
    await assert.rejects(within(big, 'the refusal'), { code: 'limit_exceeded', message: 'Message too big' });
    await assert.rejects(within(history, 'the loss'), { code: 'connection_lost' });
    await within(other, 'the other');
    assert.equal(sockets.length, 2);
    assert.equal(sent_of('message').filter(({ message }) => message !== 'short').length, 1);
  });
});

describe('a server that says what it should not', () => {
  it('is reported, and heard on', async () => {
    const { client, sockets, errors } = start();
    const heard = [];
    client.room('r').on('message', ({ message }) => heard.push(message));
    await client.room('r').join();
    const bad = ['', '{"type":', 'null', '{"type":"subscribed","topics":5}', new ArrayBuffer(3)];
    bad.forEach((each) => sockets[0].hear(each));
    sockets[0].say({ type: 'message', room: 'r', message: 'good', offset: 1 });
    assert.deepEqual(heard, ['good']);
    assert.equal(errors.length, bad.length);
    assert.equal(client.state, 'open');
  });

  it('is not obeyed when it names no time to wait', async () => {
    for (const after_ms of [-1, 0, 'soon', {}, null]) {
      const { client, sockets, states } = start({ hello: [{ type: 'disconnect', after_ms }], baseMs: 1_000 });
      await until('open', () => client.state === 'open');
      await turn(0);
      sockets[0].end(1001);
      const { delay } = states.at(-1);
      assert.ok(delay >= 100 && delay <= 1_000, `${JSON.stringify(after_ms)}: ${delay}`);
    }
  });

  it('is not asked more than once in a second for what it has refused', async () => {
    for (const retry_after_ms of [0, -1, 'soon', null]) {
      const { client, sent_of } = start({ answer: ({ type }) => type === 'join' ? { type: 'error', code: 'rate_limited', retry_after_ms } : undefined });
      client.room('r').on('message', () => {});
      await turn(200);
      assert.equal(sent_of('join').length, 1, String(retry_after_ms));
    }
  });

  it('is not brought one token after another', async () => {
    for (const expires_in of [0, -5, 'soon', 1e-9, null]) {
      const reasons = [];
      start({ hello: [{ type: 'authenticated', expires_in }], token: (reason) => reasons.push(reason) && 'token', baseMs: 1_000 });
      await turn(150);
      assert.deepEqual(reasons, ['connect'], String(expires_in));
    }
  });
});

describe('a token provider', () => {
  it('may fail with anything, and is asked again', async () => {
    for (const [bad, reason] of [[undefined, 'undefined'], [null, 'null'], ['no luck', 'no luck']]) {
      let calls = 0;
      const { client, states } = start({ token: () => (++calls < 2 ? Promise.reject(bad) : 'token') });
      await until('open', () => client.state === 'open');
      assert.equal(states.find(({ state }) => state === 'waiting').reason, reason);
    }
  });
});
