// The pages of docs/examples, as they stand but for the ports, in a real Chromium, opened from the disk.
//
//   TROUPE_BIN=build/release/bin/troupe node --test examples_test.mjs
//
// chat.html and orders.html need the bundle of clients/js, which its build makes.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { connect } from 'nats';
import { stage, start_server, stop_server } from './page_stage.mjs';
import { start_nats, without_nats } from './nats_stage.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'troupe-examples-'));
after(() => rmSync(folder, { recursive: true }));

/** The address of an example that knows this server, with the client where the example looks for it. */
function page_of(example, server) {
  mkdirSync(join(folder, 'docs/examples'), { recursive: true });
  mkdirSync(join(folder, 'clients/js/dist'), { recursive: true });
  const bundle = 'clients/js/dist/troupe.global.js';
  copyFileSync(join(root, bundle), join(folder, bundle));
  const text = readFileSync(join(root, 'docs/examples', example), 'utf8');
  assert.ok(text.includes('127.0.0.1:8081'), 'the server that the example names');
  const file = join(folder, 'docs/examples', example);
  writeFileSync(file, text.replaceAll('127.0.0.1:8081', `127.0.0.1:${server.port}`));
  return pathToFileURL(file).href;
}

const rows = (page, selector) => page.locator(selector).allInnerTexts();
const reads = (page, selector, wanted) => page.waitForFunction(
  ([selector, wanted]) => document.querySelector(selector)?.textContent === wanted, [selector, wanted]);

describe('chat.html', () => {
  const on = stage();
  const enter = async (name) => {
    const page = await on.open_page();
    await page.goto(`${page_of('chat.html', on.server)}?name=${name}`);
    await reads(page, '#state', 'open');
    return page;
  };
  const say = async (page, words) => {
    await page.fill('#text', words);
    await page.press('#text', 'Enter');
  };

  it('shows what is said and was said, and who is there', async () => {
    const ann = await enter('Ann');
    await say(ann, 'First');
    await reads(ann, '#log li:nth-child(1)', 'Ann: First');
    const ben = await enter('Ben');
    await reads(ben, '#log li:nth-child(1)', 'Ann: First');
    await reads(ben, '#people', 'Ann, Ben');
    await reads(ann, '#people', 'Ann, Ben');
    await say(ben, '<b>Second</b>');
    await reads(ann, '#log li:nth-child(2)', 'Ben: <b>Second</b>');
    await on.call('rooms/lobby/message', { message: { any: 'JSON' } });
    await reads(ann, '#log li:nth-child(3)', 'server: {"any":"JSON"}');
    await ben.context().close();
    await reads(ann, '#people', 'Ann');
    await ann.context().close();
  });

  it('comes back after a restart, and says then what was typed meanwhile', async () => {
    const ann = await enter('Ann');
    on.outage = true;
    await stop_server(on.server);
    await ann.waitForFunction(() => document.querySelector('#state').textContent !== 'open');
    await say(ann, 'Is anybody there?');
    on.server = await start_server(on.server.port);
    await reads(ann, '#log li:last-child', 'Ann: Is anybody there?');
    on.outage = false;
    assert.deepEqual(await rows(ann, '#log li'), ['Ann: Is anybody there?'], 'the restarted server has kept nothing else');
    assert.equal(await ann.textContent('#fault'), '');
    await ann.context().close();
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});

describe('with a nats-server', { skip: without_nats }, () => {
  const on = stage();
  /** What an example's own configuration serves, with a bus that the server is on. */
  async function served(configuration) {
    const nats = await start_nats();
    const bus = await connect({ servers: nats.url });
    const server = await start_server(0, ['--config', join(root, 'docs/examples', configuration), '--nats-url', nats.url]);
    const give_up_at = Date.now() + 15_000;
    while (!await bus.request('troupe.rpc.stats', '{}').catch(() => undefined))
      assert.ok(Date.now() < give_up_at, 'the server is not on NATS');
    const running = {
      server,
      publish: (subject, event) => bus.publish(subject, JSON.stringify(event)),
      async end() {
        await bus.close();
        await stop_server(running.server);
        nats.child.kill('SIGTERM');
        await nats.exited;
      },
    };
    return running;
  }

  it('orders.html shows the orders of before and each event', async () => {
    const { server, publish, end } = await served('orders.toml');
    try {
      publish('order.created', { id: 7, item: 'Green tea', amount: 5 });
      publish('order.created', { id: 8, item: 'Cups', amount: 12 });
      publish('order.paid', { id: 7, amount: 6 });
      const page = await on.open_page();
      await page.goto(page_of('orders.html', server));
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 2
        && document.querySelector('tbody').textContent.includes('paid'));
      assert.deepEqual(await rows(page, 'tbody tr'), ['8\tCups\t12\tcreated', '7\tGreen tea\t6\tpaid']);
      publish('order.shipped', { id: 8 });
      await reads(page, 'tbody tr:first-child td:last-child', 'shipped');
      assert.deepEqual(await rows(page, 'tbody tr'), ['8\tCups\t12\tshipped', '7\tGreen tea\t6\tpaid']);
      await page.context().close();
    } finally {
      await end();
    }
  });

  it('guide_client.html hears, says, and comes back', async () => {
    const running = await served('from-the-guide.toml');
    try {
      const page = await on.open_page();
      on.outage = true;
      await page.goto(page_of('guide_client.html', running.server));
      await reads(page, '#state', 'live');
      running.publish('order.created', { order_id: 7, amount: 5 });
      running.publish('payment.completed', { order_id: 7, amount: 5 });
      await page.waitForSelector('li:nth-child(2)');
      assert.deepEqual((await rows(page, 'li')).sort(), ['order 7', 'order 7 is paid: 5']);
      await page.evaluate("say('Hello')");
      await reads(page, 'li:nth-child(3)', 'Anonymous: Hello');

      const closed = page.waitForFunction(() => document.querySelector('#state').textContent.startsWith('closed: 1001'));
      await Promise.all([closed, stop_server(running.server)]);
      running.server = await start_server(running.server.port);
      await reads(page, '#state', 'live');
      await page.context().close();
    } finally {
      await running.end();
    }
  });

  it('guide_client.html stays away when it is told to', async () => {
    const server = await start_server(0, ['--auth-secret', 'a-secret-of-32-bytes-for-examples', '--auth-required', 'true']);
    const page = await on.open_page();
    await page.clock.install();
    await page.addInitScript(() => {
      window.dialled = 0;
      window.WebSocket = class extends WebSocket {
        constructor(...given) {
          super(...given);
          window.dialled++;
        }
      };
    });
    await page.goto(page_of('guide_client.html', server));
    await reads(page, '#state', 'closed: 1008 Token required');
    await page.clock.runFor(60_000);
    assert.equal(await page.evaluate('dialled'), 1);
    await page.context().close();
    await stop_server(server);
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});
