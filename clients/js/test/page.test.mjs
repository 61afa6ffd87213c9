// What the client does in a page that nobody sees, and when it is seen again. The page is a small stand-in; the server
// and the socket are real.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { suite, turn, until } from './stage.mjs';

describe('a page', () => {
  const on = suite();
  const window_events = new EventTarget();
  const page = { hidden: false };
  const show = (seen) => {
    page.hidden = !seen;
    window_events.dispatchEvent(new Event('visibilitychange')); // to where it rises from the document
  };
  const start = on.open;
  before(() => {
    globalThis.document = page;
    globalThis.addEventListener = window_events.addEventListener.bind(window_events);
    globalThis.removeEventListener = window_events.removeEventListener.bind(window_events);
  });
  afterEach(() => {
    show(true);
    on.close_all();
  });
  after(() => {
    delete globalThis.document;
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
  });

  it('tries nothing while it is hidden, and at once when it is seen', async () => {
    const one = start(on.proxy.url);
    await one.state('open');
    show(false);
    await on.proxy.do('cut');
    await until('the loss', () => one.client.state === 'waiting');
    await turn(300);
    assert.equal(one.dialled, 1);
    show(true);
    await one.state('open');
    assert.equal(one.dialled, 2);
  });

  it('connects for the first time even so', async () => {
    show(false);
    await start(on.proxy.url).state('open');
  });

  it('declares nothing dead while it is hidden, and asks first when it is seen', async () => {
    const one = start(on.proxy.url, { pingMs: 50, deadMs: 100 });
    await one.state('open');
    show(false);
    await on.proxy.do('stall', { way: 'down' });
    await turn(400);
    assert.equal(one.client.state, 'open');
    const pings = one.sent_of('ping').length;
    show(true);
    assert.equal(one.sent_of('ping').length, pings + 1);
    await on.proxy.do('heal');
    await until('an answer', () => one.frames.some(({ type }) => type === 'pong'));
    await turn(150);
    assert.equal(one.dialled, 1);
  });

  it('asks when there is a network again, and when it comes back from the cache', async () => {
    const one = start(on.proxy.url);
    await one.state('open');
    for (const [n, event] of ['online', 'pageshow'].entries()) {
      window_events.dispatchEvent(new Event(event));
      assert.equal(one.sent_of('ping').length, n + 1);
    }
    await until('the answers', () => one.frames.filter(({ type }) => type === 'pong').length === 2);
  });

  it('does not wait long when there is a network again', async () => {
    await on.proxy.do('refuse');
    const one = start(on.proxy.url, { baseMs: 60_000, maxMs: 60_000 });
    await until('waiting', () => one.client.state === 'waiting');
    await on.proxy.do('accept');
    window_events.dispatchEvent(new Event('online'));
    await one.state('open');
  });

  it('listens to the page no more when it is closed', async () => {
    let listening = 0;
    const { addEventListener: add, removeEventListener: remove } = globalThis;
    globalThis.addEventListener = (...given) => { listening++; add(...given); };
    globalThis.removeEventListener = (...given) => { listening--; remove(...given); };
    const one = start(on.server.url);
    await one.state('open');
    assert.equal(listening, 3);
    one.client.close();
    assert.equal(listening, 0);
    Object.assign(globalThis, { addEventListener: add, removeEventListener: remove });
    const { length } = one.states;
    window_events.dispatchEvent(new Event('online'));
    show(true);
    await turn(20);
    assert.equal(one.states.length, length);
  });
});
