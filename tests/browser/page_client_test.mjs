// The page at `/` and the JavaScript client that it stands on: tokens, frames as they are, the code that it shows, and what
// the client tells of what is missing.
//
//   TROUPE_BIN=build/release/bin/troupe node --test page_client_test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path_join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { binary, come_back, cut, heard, noted, reach, say, stage, start_server, stop_server, with_a_line_to_cut } from './page_stage.mjs';

const secret = 'a-secret-of-32-bytes-for-the-page-test';
const token_of = (...more) =>
  execFileSync(binary, ['token', '--secret', secret, '--user', 'u1', '--username', 'Tess', ...more], { encoding: 'utf8' }).trim();

const lines = (page) => page.locator('#log .line').allTextContents();
const notes = (page) => page.evaluate(() => [...document.querySelectorAll('#log .note, #log .hole')].map((n) => n.firstChild.textContent));

describe('a token', () => {
  const on = stage(['--auth-secret', secret, '--log-level', 'debug']);
  const { open_page, enter } = on;

  it('has a place in the form', async () => {
    const page = await open_page();
    await page.goto(`${on.server.base}#signed-in`);
    await page.fill('#name', 'Ada');
    await page.click('#have_token');
    assert.equal(await page.getAttribute('#token', 'type'), 'password');
    const token = token_of();
    await page.fill('#token', token);
    await page.click('#join .solid');
    await reach(page, 'live');
    await page.waitForSelector('#text[placeholder="Say something as Tess"]');
    await page.click('#leave');
    assert.equal(await page.inputValue('#token'), token, 'it is kept, and can be taken back');
    await page.fill('#token', '');
    await page.click('#join .solid');
    await reach(page, 'live');
    assert.equal(await page.getAttribute('#text', 'placeholder'), 'Say something as Ada');
    await page.context().close();
  });

  it('may come in the address, and is not seen there, or anywhere, afterwards', async () => {
    const page = await open_page(), token = token_of(), asked = [], addresses = [];
    page.on('request', (request) => { if (!request.isNavigationRequest()) asked.push(request); });
    page.on('websocket', (line) => addresses.push(line.url()));
    await page.goto(`${on.server.base}?token=${token}#signed-in`);
    assert.equal(page.url(), `${on.server.base}#signed-in`);
    await page.fill('#name', 'Ada');
    await page.click('#join .solid');
    await reach(page, 'live');
    await page.waitForSelector('#text[placeholder="Say something as Tess"]');
    assert.equal(page.url(), `${on.server.base}#signed-in`);
    assert.ok(asked.some((request) => request.url().endsWith('/troupe-client.js')));
    for (const request of asked) assert.equal((await request.allHeaders()).referer, undefined, 'no Referer tells the address');
    const signature = token.split('.').at(-1);
    assert.ok(addresses.every((address) => !address.includes(signature)), 'nor does a proxy see it in that of a WebSocket');
    for (const tab of ['#look', '#tab_frames']) {
      await page.click(tab);
      const shown = await page.evaluate(() => document.documentElement.outerHTML);
      assert.ok(!shown.includes(signature), `not shown by ${tab}`);
    }
    await page.goBack();
    assert.ok(!page.url().includes('token'), 'nor is it in the history of this window');
    await page.goForward();
    await reach(page, 'live');
    await page.waitForSelector('#text[placeholder="Say something as Tess"]');
    assert.match(on.server.printed(), /connection opened/, 'the log says much');
    assert.ok(!on.server.printed().includes(signature), 'but not this');
    await page.context().close();
  });

  it('is asked for again when it does not do', async () => {
    const page = await open_page();
    await page.goto(`${on.server.base}?token=nonsense#signed-in`);
    assert.equal(page.url(), `${on.server.base}#signed-in`);
    assert.match(await page.innerText('#fault'), /three parts/);
    assert.equal(await page.locator('#token').isVisible(), true);
    const [head, body] = token_of().split('.');
    await page.fill('#name', 'Ada');
    await page.fill('#token', `${head}.${body}.bm90IHNpZ25lZA`);
    await page.click('#join .solid');
    await page.waitForSelector('#token', { state: 'visible' });
    assert.match(await page.innerText('#fault'), /does not accept this token/);
    assert.equal(await page.inputValue('#token'), '');
    await page.context().close();
  });

  it('is asked for when it has expired', async () => {
    const closed = await start_server(0, ['--auth-secret', secret, '--auth-required', 'true', '--auth-expiry-grace-seconds', '0', '--auth-leeway-seconds', '0']);
    const page = await open_page();
    await page.goto(`${closed.base}?token=${token_of('--expires', '3')}#signed-in`);
    await page.fill('#name', 'Ada');
    await page.click('#join .solid');
    await reach(page, 'live');
    await page.waitForFunction(() => /expired/.test(document.getElementById('fault').textContent));
    assert.equal(await page.inputValue('#room'), 'signed-in');
    await page.context().close();
    await stop_server(closed);
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});

describe('what is inside', () => {
  const on = stage();
  const { open_page, enter } = on;
  let folder;
  before(() => { folder = mkdtempSync(path_join(tmpdir(), 'troupe-code-')); });
  after(() => rmSync(folder, { recursive: true }));

  it('are the frames as they are, on demand', async () => {
    const page = await open_page(), passed = [];
    page.on('websocket', (line) => {
      line.on('framesent', ({ payload }) => passed.push(`sent ${payload}`));
      line.on('framereceived', ({ payload }) => passed.push(`heard ${payload}`));
    });
    await enter(page, 'Ada', 'frames');
    await say(page, 'raw & <b>bold</b>');
    await heard(page, 'raw & <b>bold</b>');
    assert.equal(await page.locator('#frames li').count(), 0, 'nobody has asked for them');
    await page.click('#look');
    await page.click('#tab_frames');
    await say(page, 'and another');
    await heard(page, 'and another');
    const shown = await page.evaluate(() => [...document.querySelectorAll('#frames li:not(.about)')]
      .map((item) => `${item.className} ${item.querySelector('code').textContent}`));
    assert.deepEqual(shown, passed.slice(0, shown.length), 'each, in order, from the first one');
    assert.ok(shown.some((frame) => frame.startsWith('sent {') && frame.includes('"type":"join"')));
    assert.ok(shown.some((frame) => frame.startsWith('heard {"type":"message"') && frame.includes('and another')));
    await page.keyboard.press('Tab');
    await page.click('#close_inside');
    assert.equal(await page.locator('#inside').isVisible(), false);
    assert.equal(await page.locator('#frames li').count(), 0);
    await page.context().close();
  });

  const runs = async (name, room) => {
    const page = await open_page(), other = await open_page();
    await enter(page, name, room);
    await page.click('#look');
    const code = await page.textContent('#code');
    const file = path_join(folder, 'room.html');
    writeFileSync(file, code);
    await other.goto(pathToFileURL(file).href);
    await other.waitForFunction(() => document.title === 'open');
    await say(page, 'Does it run?');
    await other.waitForFunction(() => /says Does it run\?$/m.test(document.getElementById('log').innerText));
    await other.fill('#say', 'It does.');
    await other.press('#say', 'Enter');
    assert.deepEqual(await heard(page, 'It does.'), { own: false, by: name });
    await other.waitForFunction((own) => document.getElementById('log').innerText.includes(own), `${name} says It does.`);
    await Promise.all([page.context().close(), other.context().close()]);
    return code;
  };

  it('is the code that does the same, and it runs', async () => {
    const code = await runs('Ada', 'code');
    assert.ok(code.includes(`<script src="${on.server.base}troupe-client.js">`));
    assert.ok(code.split('\n').every((line) => line.length <= 70), 'it fits beside the room');
  });

  it('runs for whoever has a strange name', () => runs('</script><b>"\\\'`${1}', 'strange:code'));

  it('is written so that it says what the room is now', async () => {
    const page = await open_page();
    await enter(page, 'Ada', 'first');
    await page.click('#look');
    assert.match(await page.textContent('#code'), /client\.room\("first"\)/);
    await page.evaluate(() => { location.hash = '#second'; });
    await page.waitForFunction(() => document.getElementById('code').textContent.includes('client.room("second")'));
    await page.context().close();
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});

describe('what is missing', () => {
  const on = stage();
  const { open_page, enter, call } = on;
  const server_says = async (room, words) => { for (const message of words) await call(`rooms/${room}/message`, { message }); };
  const cuttable = async (name, room) => {
    const page = await open_page();
    await with_a_line_to_cut(page);
    await enter(page, name, room);
    return page;
  };

  it('is shown as a hole, and filled on demand', async () => {
    const page = await cuttable('Ada', 'skipped');
    await server_says('skipped', ['one']);
    await heard(page, 'one');
    await page.evaluate(() => { window.lets_through = ({ message }) => message !== 'two' && message !== 'three'; });
    await server_says('skipped', ['two', 'three', 'four']);
    await heard(page, 'four');
    assert.deepEqual(await lines(page), ['one', 'four']);
    assert.deepEqual((await notes(page)).slice(1), ['Messages were skipped here']);
    await page.click('#log .hole button');
    await heard(page, 'two');
    assert.deepEqual(await lines(page), ['one', 'two', 'three', 'four']);
    assert.deepEqual((await notes(page)).slice(1), []);
    await page.context().close();
  });

  it('is told where its time was over', async () => {
    const page = await cuttable('Ada', 'passing');
    await server_says('passing', ['before']);
    await heard(page, 'before');
    await cut(page);
    for (const message of ['a moment', 'another']) await call('rooms/passing/message', { message, ttl_ms: 1 });
    await server_says('passing', ['after']);
    await come_back(page);
    await heard(page, 'after');
    assert.deepEqual(await lines(page), ['before', 'after']);
    await noted(page, '2 messages were deleted');
    await page.context().close();
  });

  it('is asked for where the position is not recovered, and nothing is there twice', async () => {
    const page = await cuttable('Ada', 'restarted');
    await server_says('restarted', ['before']);
    await heard(page, 'before');
    on.outage = true;
    await stop_server(on.server);
    on.server = await start_server(on.server.port);
    await server_says('restarted', ['one', 'two', 'three']);
    await page.waitForSelector('#state[data-state=live]', { timeout: 40_000 });
    on.outage = false;
    await heard(page, 'three');
    await server_says('restarted', ['four']);
    await heard(page, 'four');
    assert.deepEqual(await lines(page), ['before', 'one', 'two', 'three', 'four']);
    await noted(page, 'The room has begun anew. Messages may be missing here');
    assert.equal(await page.textContent('#fact_offset'), '4');
    await page.context().close();
  });

  it('is nothing where one cut follows another', async () => {
    const page = await cuttable('Ada', 'often');
    on.outage = true;  // Chromium complains of a WebSocket that is closed too soon
    await cut(page);
    await server_says('often', ['one']);
    await page.evaluate(() => {
      window.unseen = false;
      document.getElementById('again').click();
      setTimeout(() => window.lines.at(-1).close(4000));  // on its way in
    });
    await page.waitForFunction(() => window.lines.length > 2);
    await page.waitForSelector('#state[data-state=live]', { timeout: 40_000 });
    await heard(page, 'one');
    await cut(page);
    await server_says('often', ['two']);
    await come_back(page);
    await heard(page, 'two');
    assert.deepEqual(await lines(page), ['one', 'two']);
    assert.deepEqual(await notes(page), ['You joined the room']);
    on.outage = false;
    await page.context().close();
  });

  it('are the names, where only the number of those present is told', async () => {
    const folder = mkdtempSync(path_join(tmpdir(), 'troupe-page-')), file = path_join(folder, 'troupe.toml');
    writeFileSync(file, '[[namespace]]\nmatch = ">"\njoin = "anyone"\npublish = "anyone"\nhistory = "anyone"\npresence = "anyone"\npresence_mode = "count"\n');
    const other = await start_server(0, ['--config', file]), pages = [];
    for (const name of ['Ada', 'Ben']) {
      const page = await open_page();
      pages.push(page);
      await page.goto(`${other.base}#counted`);
      await page.fill('#name', name);
      await page.click('#join .solid');
      await reach(page, 'live');
    }
    const counted = (n) => pages[0].waitForFunction((n) => document.getElementById('here').textContent === n, n);
    await counted('2');
    await noted(pages[0], 'Ben joined');
    await pages[0].click('#who');
    await pages[0].waitForFunction(() => document.getElementById('people_title').textContent === '2 people are here');
    assert.equal(await pages[0].locator('#names li').count(), 0);
    assert.equal(await pages[0].textContent('#rest'), 'Names are not shown in this room.');
    await pages[1].context().close();
    await counted('1');
    await pages[0].context().close();
    assert.deepEqual(await stop_server(other), { code: 0, signal: null });
    rmSync(folder, { recursive: true });
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});
