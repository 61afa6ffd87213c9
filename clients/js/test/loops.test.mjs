// `for await` over a room or a topic.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open, start_server, until, within } from './stage.mjs';

describe('loops', () => {
  let server;
  let one;
  before(async () => {
    server = await start_server();
    one = open(server.url);
  });
  after(async () => {
    one.client.close();
    await server.stop();
  });

  it('gives each frame in turn, and leaves the room behind the loop', async () => {
    const { client, sent_of } = one;
    const heard = [];
    for await (const frame of client.room('loop')) {
      if (frame.type === 'position') for (const word of ['a', 'b', 'c']) client.room('loop').say(word);
      if (frame.type === 'message') heard.push(frame.message);
      if (frame.message === 'c') break;
    }
    assert.deepEqual(heard, ['a', 'b', 'c']);
    await until('leave', () => sent_of('leave').some(({ room }) => room === 'loop'));
  });

  it('gives the latest and a gap to a loop that is too slow', async () => {
    const { client } = one;
    const topic = client.topic('slow');
    const frames = topic.frames({ max: 3 })[Symbol.asyncIterator]();
    await topic.subscribe();
    for (let i = 1; i <= 10; ++i) await topic.publish(i);
    const read = [];
    for (let i = 0; i < 3; ++i) read.push((await frames.next()).value);
    assert.deepEqual(JSON.parse(JSON.stringify(read[0])), { type: 'gap', topic: 'slow', dropped: 9, offset: 8 }, 'eight messages and the position');
    assert.deepEqual(read.slice(1).map(({ data }) => data), [9, 10]);
    await frames.return();
    assert.deepEqual(await frames.next(), { value: undefined, done: true });
  });

  it('is ended by a signal and by the end of the client, even while it waits', async () => {
    const { client } = one;
    const controller = new AbortController();
    const ends = async (frames) => {
      let count = 0;
      for await (const frame of frames) count += frame.type === 'publication';
      return count;
    };
    const topic = client.topic('ends');
    const by_signal = ends(topic.frames({ signal: controller.signal }));
    await topic.subscribe();
    await topic.publish(1);
    controller.abort();
    assert.equal(await within(by_signal, 'the end'), 1);
    assert.equal(await within(ends(topic.frames({ signal: AbortSignal.abort() })), 'the end'), 0);

    const other = open(server.url);
    const by_close = ends(other.client.topic('ends'));
    await other.client.topic('ends').subscribe();
    await topic.publish(2);
    await until('the frame', () => other.frames.some(({ type }) => type === 'publication'));
    other.client.close();
    assert.equal(await within(by_close, 'the end'), 1);
    assert.equal(await within(ends(other.client.topic('ends')), 'the end'), 0);
  });
});
