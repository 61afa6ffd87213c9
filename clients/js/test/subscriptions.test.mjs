// Which frames go out for what the program listens to, and that nothing stays of what it has left.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suite, turn, until } from './stage.mjs';

describe('subscriptions', () => {
  const on = suite(['--limits-topics-per-connection-max', '2000', '--limits-rooms-per-connection-max', '2000',
    '--limits-names-made-per-minute', '100000']);
  const start = (url = on.server.url, options) => on.open(url, options);

  it('asks for everything of one tick together, in frames that the server takes', async () => {
    const { client, sent_of, state } = start();
    await state('open');
    const names = Array.from({ length: 300 }, (_, i) => `batch.${i}`);
    await Promise.all(names.map((name) => client.topic(name).subscribe()));
    const frames = sent_of('subscribe');
    assert.deepEqual(frames.map(({ topics }) => topics.length), [128, 128, 44]);
    assert.deepEqual(frames.flatMap(({ topics }) => topics), names);

    const long = Array.from({ length: 200 }, (_, i) => `${i}.`.padEnd(128, 'x'));
    await Promise.all(long.map((name) => client.topic(name).subscribe()));
    for (const frame of sent_of('subscribe')) assert.ok(JSON.stringify(frame).length <= 16_384);
    assert.ok(sent_of('subscribe').length > 5, 'long names need more frames');
  });

  it('counts: the second sends nothing, the last leaves a little later', async () => {
    const { client, sent_of, state } = start();
    await state('open');
    const topic = client.topic('counted');
    assert.equal(client.topic('counted'), topic);
    const first = topic.on('publication', () => {});
    await until('subscribed', () => topic.position.epoch);
    const second = client.topic('counted').on('publication', () => {});
    await client.topic('counted').subscribe();
    first();
    first();
    second();
    await turn(150);
    assert.equal(sent_of('unsubscribe').length, 0, 'one is left');
    const left_at = performance.now();
    topic.unsubscribe();
    await until('unsubscribe', () => sent_of('unsubscribe').length);
    assert.ok(performance.now() - left_at >= 95);
    assert.equal(sent_of('subscribe').length, 1);
  });

  it('stays if somebody comes back at once', async () => {
    const { client, sent, state } = start(on.server.url, { leaveMs: 1_000 });
    await state('open');
    const room = client.room('revolving');
    await room.join();
    room.leave();
    await turn(50);
    await room.join();
    await turn(1_300);
    assert.deepEqual(sent.map(({ type }) => type), ['join']);
  });

  it('leaves many topics in one frame', async () => {
    const { client, sent_of, state } = start();
    await state('open');
    const topics = Array.from({ length: 100 }, (_, i) => client.topic(`many.${i}`));
    await Promise.all(topics.map((topic) => topic.subscribe()));
    for (const topic of topics) topic.unsubscribe();
    await until('unsubscribe', () => sent_of('unsubscribe').length);
    assert.equal(sent_of('unsubscribe').length, 1);
    assert.equal(sent_of('unsubscribe')[0].topics.length, 100);
  });

  it('keeps nothing of 10,000 that came and went', { timeout: 120_000 }, async () => {
    const { client, sent, frames, state } = start(on.server.url, { leaveMs: 0 });
    await state('open');
    const heap = () => {
      globalThis.gc();
      globalThis.gc();
      return process.memoryUsage().heapUsed;
    };
    const round = async (from) => {
      for (let i = from; i < from + 1_000; i += 100) {
        const topics = Array.from({ length: 100 }, (_, k) => client.topic(`churn.${i + k}`));
        const offs = topics.map((topic) => topic.on('publication', () => {}));
        await Promise.all(topics.map((topic) => topic.subscribe()));
        for (const topic of topics) topic.unsubscribe();
        for (const off of offs) off();
        await until('all left', () => frames.filter(({ type }) => type === 'unsubscribed').length);
        sent.length = frames.length = 0;
      }
    };
    // Until the machine has compiled what it wants to.
    for (let i = 0; i < 10; ++i) await round(i * 1_000);
    const before = heap();
    for (let i = 10; i < 20; ++i) await round(i * 1_000);
    const grown = heap() - before;
    assert.ok(grown < 300_000, `${grown} bytes more`);
  });

  it('brings everything back from its position, and each message once', async () => {
    const one = start(on.proxy.url);
    const other = start();
    const heard = [];
    const room = one.client.room('back');
    room.on('message', ({ message }) => heard.push(message));
    const positions = [];
    room.on('position', ({ recovered }) => positions.push(recovered));
    await room.join();
    await other.client.room('back').join();
    for (let i = 0; i < 30; ++i) {
      if (i % 10 === 5) await on.proxy.do('cut');
      await other.client.room('back').say(i);
    }
    await until('all of it', () => heard.length >= 30);
    assert.deepEqual(heard, Array.from({ length: 30 }, (_, i) => i));
    assert.equal(positions[0], false);
    assert.ok(positions.slice(1).every(Boolean), 'everything was recovered');
    assert.ok(one.sent_of('join').at(-1).recover.offset > 0);
  });

  it('tells the listeners of a topic, and of patterns that match it', async () => {
    const { client } = start();
    const heard = [];
    const [all, some, one] = [client.pattern('p.>'), client.pattern('p.*.x'), client.topic('p.a.x')];
    all.on('publication', ({ data }) => heard.push(`all ${data}`));
    some.on('publication', ({ data }) => heard.push(`some ${data}`));
    one.on('publication', ({ data }) => heard.push(`one ${data}`));
    await Promise.all([all.subscribe(), some.subscribe(), one.subscribe()]);
    await client.topic('p.a.x').publish(1);
    await client.topic('p.b.x').publish(2);
    await client.topic('p.b').publish(3);
    await until('all of it', () => heard.length >= 6);
    assert.deepEqual(heard.sort(), ['all 1', 'all 2', 'all 3', 'one 1', 'some 1', 'some 2'].sort());
  });

  it('tells who is there, also whom asks later, and says its own state again', async () => {
    const { client } = start(on.proxy.url);
    const room = client.room('presence');
    await room.join();
    const seen = [];
    room.on('presence', ({ users }) => seen.push(users));
    await until('a list', () => seen.length);
    assert.equal(seen[0].length, 1);
    await room.setPresence({ away: true });
    await on.proxy.do('cut');
    await until('a list on the next connection', () => seen.length > 1);
    await until('the state', async () => (await room.presence()).users.some(({ state }) => state?.away));
  });

  it('refuses a name that would refuse a whole request', () => {
    const { client } = start();
    for (const name of ['', 'a b', 'a..b', '.a', 'a.', 'x'.repeat(129), 'a*', '>.a']) {
      assert.throws(() => client.topic(name), { code: 'invalid_name' });
    }
    assert.throws(() => client.room('a.*'), { code: 'invalid_name' });
    for (const name of ['a', 'a.b', 'poll/x', 'a.*.b', '>', '*', 'a.>', 'x'.repeat(128)]) client.topic(name);
  });

  it('tells of a gap that its own message left, if there is none', async () => {
    const { client } = start();
    const room = client.room('own');
    const frames = [];
    room.on('*', (frame) => frames.push(frame));
    await room.join();
    await room.say('unheard', { except_me: true });
    await room.say('heard');
    await until('the message', () => frames.some(({ type }) => type === 'message'));
    assert.deepEqual(frames.map(({ type }) => type), ['position', 'message']);
    assert.equal(room.position.offset, 2);
  });

  it('is out when it is put out, and comes back when somebody wants it', async () => {
    const one = start(on.proxy.url);
    const { client, sent_of } = one;
    const room = client.room('closing');
    const left = [];
    room.on('left', ({ reason }) => left.push(reason));
    await room.join();
    await on.server.call('rooms/closing/close', { reason: 'Good night' });
    await until('left', () => left.length);
    assert.deepEqual(left, ['Good night']);
    await on.proxy.do('cut');
    await until('open again', () => one.dialled === 2 && client.state === 'open');
    assert.equal(sent_of('join').length, 1, 'not by itself');
    await room.join();
    assert.equal(sent_of('join').length, 2);
  });
});
