// The hooks, with the real React in a DOM of jsdom's, in Strict Mode, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { JSDOM } from 'jsdom';
import { start_server, turn, until } from './stage.mjs';

const { window } = new JSDOM('<!doctype html><main></main>', { url: 'http://127.0.0.1/', pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
const { act, createElement: h, StrictMode, useState } = await import('react');
const { createRoot } = await import('react-dom/client');
const { renderToString } = await import('react-dom/server');
const { useConnection, useRoom, useTopic } = await import('troupe-client/react');
const { connect } = await import('troupe-client');

let dialled = 0;
class Counted extends WebSocket {
  constructor(...given) {
    super(...given);
    dialled++;
  }
}
const options = { WebSocket: Counted, baseMs: 20, maxMs: 100, leaveMs: 50 };
const main = document.querySelector('main');
const text = () => main.textContent;

describe('hooks', () => {
  let server;
  let other;
  before(async () => {
    server = await start_server();
    other = connect(server.url, { user: 'Ben' });
  });
  after(async () => {
    other.close();
    await server.stop();
    window.close();
  });
  /** Renders, and waits until the page says so. */
  async function shows(what) {
    await until(String(what), async () => {
      await act(() => turn(5));
      return typeof what === 'string' ? text() === what : what.test(text());
    }).catch((error) => { throw new Error(`${error.message}: ${text()}`); });
  }

  it('show a room, in one socket and one membership for all components', async () => {
    dialled = 0;
    await other.room('react').say('before');
    const Line = () => {
      const { client } = useConnection(server.url, options);
      const { messages, people } = useRoom(client, 'react', { presence: true, history: 10 });
      return h('p', null, `${messages.map(({ message }) => message).join()} ${people.length};`);
    };
    const State = () => h('b', null, useConnection(server.url, options).state + ';');
    const root = createRoot(main);
    await act(() => root.render(h(StrictMode, null, h(State), h(Line), h(Line))));
    await shows('open;before 1;before 1;');
    await other.room('react').join();
    await other.room('react').say('now');
    await shows('open;before,now 2;before,now 2;');
    other.room('react').leave();
    await shows('open;before,now 1;before,now 1;');
    assert.equal(dialled, 1);
    const { connections } = await (await fetch(server.url.replace('ws:', 'http:').replace('/ws', '/api/v1/stats'),
      { headers: { authorization: 'Bearer a-key-for-the-client-tests' } })).json();
    assert.equal(connections, 2);
    await act(() => root.unmount());
  });

  it('keep the socket over a hot reload, and close it when nobody uses it', async () => {
    dialled = 0;
    const url = server.url + '?hot';
    const page = (words) => () => h('i', null, words, useConnection(url, options).state);
    const root = createRoot(main);
    await act(() => root.render(h(StrictMode, null, h(page('old ')))));
    await shows('old open');
    // What a hot reload does: the module runs again, and the component is another one.
    const { useConnection: reloaded } = await import('../dist/react.js?reloaded');
    const Reloaded = () => h('i', null, 'new ', reloaded(url, options).state);
    await act(() => root.render(h(StrictMode, null, h(Reloaded))));
    await shows('new open');
    const { client } = globalThis[Symbol.for('troupe-client')].get(url);
    assert.equal(dialled, 1);
    await act(() => root.unmount());
    await until('the end', () => client.state === 'closed');
    assert.ok(!globalThis[Symbol.for('troupe-client')].has(url));
  });

  it('follow a change of the topic, and publish', async () => {
    let choose;
    let publish;
    const Prices = () => {
      const [name, set] = useState('eur');
      choose = set;
      const { client } = useConnection(server.url, options);
      const { last, publications, publish: say } = useTopic(client, `prices.${name}`, { limit: 2 });
      publish = say;
      return h('p', null, `${name} ${last?.data ?? '-'} of ${publications.length}`);
    };
    const root = createRoot(main);
    await act(() => root.render(h(StrictMode, null, h(Prices))));
    await shows('eur - of 0');
    for (const price of [1, 2, 3]) await act(() => publish(price));
    await shows('eur 3 of 2');
    await act(() => choose('usd'));
    await shows('usd - of 0');
    await other.topic('prices.eur').publish(4);
    await act(() => publish(5));
    await shows('usd 5 of 1');
    await act(() => root.unmount());
  });

  it('render a page on a server without a socket', async () => {
    const { window: kept } = globalThis;
    delete globalThis.window;
    dialled = 0;
    const Page = () => {
      const { client, state } = useConnection(server.url + '?page', options);
      const { messages } = useRoom(client, 'server');
      return h('p', null, `${state} ${messages.length}`);
    };
    try {
      assert.equal(renderToString(h(Page)), '<p>connecting 0</p>');
      await turn(50);
      assert.equal(dialled, 0);
    } finally {
      globalThis.window = kept;
    }
  });
});
