// Requests without a connection, lost connections, and what is said twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suite, turn, until } from './stage.mjs';

describe('requests', () => {
  const on = suite();
  const start = (url = on.proxy.url, options) => on.open(url, options);

  /** Cuts the way to the server until the result is called. */
  async function outage(one) {
    await on.proxy.do('kill');
    await until('the loss', () => one.client.state !== 'open');
    return async () => {
      await on.proxy.do('accept');
      await one.state('open');
    };
  }

  it('waits for a connection, in order, behind the room that it is for', async () => {
    const one = start();
    const room = one.client.room('waits');
    const said = [1, 2, 3].map((word) => room.say(word));
    assert.deepEqual((await Promise.all(said)).map(({ offset }) => offset), [1, 2, 3]);
    assert.equal(one.sent[0].type, 'join');
  });

  it('rejects what is too much, too late, not wanted, or over', async () => {
    const one = start(on.proxy.url, { waitingMax: 2, deadlineMs: 150 });
    await one.state('open');
    const end = await outage(one);
    const topic = one.client.topic('rejected');
    await assert.rejects(topic.publish('at once', { offline: 'reject' }), { code: 'offline' });
    const controller = new AbortController();
    const aborted = topic.publish('aborted', { signal: controller.signal });
    const late = topic.publish('late');
    await assert.rejects(topic.publish('too many'), { code: 'too_many_waiting' });
    controller.abort();
    await assert.rejects(aborted, { code: 'aborted' });
    await assert.rejects(late, { code: 'timeout' });
    await assert.rejects(topic.publish('x', { signal: AbortSignal.abort() }), { code: 'aborted' });
    const kept = topic.publish('kept', { deadlineMs: 10_000 });
    const { sent } = one;
    await end();
    await kept;
    assert.deepEqual(sent.filter(({ type }) => type === 'publish').map(({ data }) => data), ['kept']);
    one.client.close();
    await assert.rejects(topic.publish('over'), { code: 'closed' });
  });

  it('says again what got no answer, and the room hears it once', async () => {
    const one = start();
    const listener = start(on.server.url);
    const heard = [];
    listener.client.room('again').on('message', ({ message }) => heard.push(message));
    await listener.client.room('again').join();
    await one.client.room('again').join();
    await on.proxy.do('stall', { way: 'down' });
    const said = one.client.room('again').say('once');
    const asked = one.client.room('again').history();
    await until('it is heard', () => heard.length);
    await on.proxy.do('reset');
    await assert.rejects(asked, { code: 'connection_lost' });
    assert.deepEqual((await said).offset, 1);
    await listener.client.room('again').say('end');
    await until('the end', () => heard.at(-1) === 'end');
    assert.deepEqual(heard, ['once', 'end']);
    const [first, second] = one.sent.filter(({ type }) => type === 'message');
    assert.equal(first.msg_id, second.msg_id);
  });

  it('keeps no signal for later', async () => {
    const one = start();
    const room = one.client.room('signals');
    await room.join();
    assert.equal(room.signal('heard'), true);
    const end = await outage(one);
    assert.equal(room.signal('lost'), false);
    await end();
    await room.history();
    assert.deepEqual(one.sent.filter(({ type }) => type === 'signal').map(({ data }) => data), ['heard']);
  });

  it('gives the error of the server, with all that it says', async () => {
    const one = start();
    await assert.rejects(one.client.topic('nowhere').history(), (error) => {
      assert.equal(error.name, 'TroupeError');
      assert.equal(error.code, 'not_found');
      assert.equal(error.frame.topic, 'nowhere');
      return true;
    });
    await assert.rejects(one.client.rpc('none', 'at_all'), { code: 'insufficient_permissions' });
    await assert.rejects(one.client.request({ type: 'admin_command', command: 'stats' }), { code: 'insufficient_permissions' });
  });

  it('keeps nothing of a signal that lives long', async () => {
    const one = start(on.server.url);
    await one.state('open');
    const { signal } = new AbortController();
    const listening = new Set();
    const { addEventListener: add, removeEventListener: remove } = signal;
    signal.addEventListener = (...given) => { listening.add(given[1]); add.apply(signal, given); };
    signal.removeEventListener = (...given) => { listening.delete(given[1]); remove.apply(signal, given); };
    await one.client.topic('lives').publish(1, { signal });
    one.client.topic('lives').on('publication', () => {}, { signal })();
    await one.client.room('lives').join({ signal });
    assert.equal(listening.size, 0);
  });

  it('takes a listener away when its signal aborts', async () => {
    const one = start(on.server.url);
    const controller = new AbortController();
    const heard = [];
    const topic = one.client.topic('aborts');
    topic.on('publication', ({ data }) => heard.push(data), { signal: controller.signal });
    await topic.subscribe();
    await topic.publish(1);
    controller.abort();
    await topic.publish(2);
    assert.deepEqual(heard, [1]);
    const never = topic.on('publication', () => heard.push('never'), { signal: AbortSignal.abort() });
    await topic.publish(3);
    never();
    assert.deepEqual(heard, [1]);
    await assert.rejects(one.client.room('aborts').join({ signal: AbortSignal.abort() }), { code: 'aborted' });
    await turn(0);
    assert.equal(one.sent_of('join').length, 0);
  });
});
