// The page at `/`, in a real Chromium, against the real server. page_room_test.mjs has what is kept of a room.
//
//   TROUPE_BIN=build/release/bin/troupe node --test page_test.mjs
//   TROUPE_BIN=... node page_test.mjs --screenshot DIR     (or SCREENSHOTS=DIR): writes pictures of the page, too
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join as path_join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { binary, heard, noted, phone, reach, say, stage, start_server, stop_server } from './page_stage.mjs';

const flag = process.argv.indexOf('--screenshot');
const pictures = flag > 0 ? process.argv[flag + 1] : process.env.SCREENSHOTS;
const state_text = (page) => page.innerText('#state');
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

describe('the page', () => {
  const on = stage();
  const { open_page, enter, call } = on;
  let ada, ben;

  before(async () => {
    ada = await open_page();
    ben = await open_page();
  });

  it('takes two people into one room', async () => {
    await enter(ada, 'Ada', 'green-room');
    assert.match(await ada.innerText('#empty'), /Nothing said since you came in\s+Open this page in a second window/);
    await enter(ben, 'Ben', 'green-room');
    assert.equal(await state_text(ada), 'live');
    assert.equal(await state_text(ben), 'live');
    await noted(ada, 'Ben joined');
    await noted(ben, 'You joined');
  });

  it('carries messages both ways, and marks one’s own', async () => {
    await say(ada, 'Good evening, Ben.');
    assert.deepEqual(await heard(ben, 'Good evening, Ben.'), { own: false, by: 'Ada' });
    assert.deepEqual(await heard(ada, 'Good evening, Ben.'), { own: true, by: 'You' });
    await say(ben, 'Good evening, Ada.\nSecond line: žluťoučký 🎭');
    assert.deepEqual(await heard(ada, 'Good evening, Ada.\nSecond line: žluťoučký 🎭'), { own: false, by: 'Ben' });
    assert.deepEqual(await heard(ben, 'Good evening, Ada.\nSecond line: žluťoučký 🎭'), { own: true, by: 'You' });
    assert.equal(await ada.locator('#pending .line').count(), 0, 'nothing is left on its way');
    assert.equal(await ada.locator('#empty').isVisible(), false);
  });

  it('tells the connection, its server, the offset and the round trip', async () => {
    await ada.waitForFunction(() => /^[\d.]+ ms$/.test(document.getElementById('fact_rtt').textContent));
    const facts = await ada.evaluate(() => ['fact_server', 'fact_id', 'fact_offset'].map((id) => document.getElementById(id).textContent));
    for (const fact of facts) assert.notEqual(fact, '–');
    assert.notEqual(facts[1], await ben.textContent('#fact_id'), 'each connection has its own id');
    assert.equal(facts[2], await ben.textContent('#fact_offset'), 'both have heard the same messages');
  });

  it('shows markup as text, in messages and in names', async () => {
    const markup = '<script>window.broken = 1</script><img src=x onerror="window.broken = 1"><b>bold</b>';
    await say(ben, markup);
    await heard(ada, markup);
    const eve = await open_page();
    await enter(eve, 'Eve <i>x</i>', 'green-room');
    await noted(ada, 'Eve <i>x</i> joined');
    await say(eve, 'I have a name');
    assert.deepEqual(await heard(ada, 'I have a name'), { own: false, by: 'Eve <i>x</i>' });
    assert.deepEqual(await heard(eve, 'I have a name'), { own: true, by: 'You' });
    assert.equal(await ada.locator('#log :is(script, img, b, i)').count(), 0);
    assert.equal(await ada.evaluate(() => window.broken), undefined);
    await eve.context().close();
    await noted(ada, 'Eve <i>x</i> left');
  });

  it('shows other values than text as JSON', async () => {
    await ben.evaluate(() => new Promise((done, fail) => {
      const line = new WebSocket(`ws://${location.host}/chat/green-room?user=robot`);
      line.onopen = () => line.send(JSON.stringify({ type: 'message', message: { votes: [3, 1], open: true } }));
      line.onmessage = (e) => { if (JSON.parse(e.data).type === 'message') { line.close(1000); done(); } };
      line.onerror = fail;
    }));
    assert.deepEqual(JSON.parse(await ada.locator('#log .json').textContent()), { votes: [3, 1], open: true });
    await noted(ada, 'robot left');
  });

  it('outlives the server’s heartbeat', async () => {
    const page = await open_page();
    const lived = new Promise((done) => page.on('websocket', (line) => {
      let beats = 0;
      line.on('framereceived', ({ payload }) => { if (JSON.parse(payload).type === 'ping' && ++beats === 4) done('lived'); });
      line.on('close', () => done('closed'));
    }));
    await enter(page, 'Dora', 'side-stage');
    assert.equal(await lived, 'lived', 'the server closes after two without an answer');
    await page.context().close();
  });

  it('says why it is put out of the room, and comes back', async () => {
    const page = await open_page();
    await enter(page, 'Cleo', 'wings');
    const put_out = async (how, body) => {
      await call(`rooms/wings/${how}`, body);
      await reach(page, 'closed');
      const told = await page.innerText('#why');
      await say(page, 'Is anybody there?');
      assert.equal(await page.inputValue('#text'), 'Is anybody there?', 'what cannot be sent stays in the input');
      assert.equal(await page.innerText('#again'), 'Join again');
      await page.click('#again');
      return told;
    };
    const connection_id = await page.textContent('#fact_id');
    assert.equal(await put_out('kick', { connection_id, reason: 'Spam' }), 'You are no longer in the room: Spam');
    await reach(page, 'live');
    assert.equal(await put_out('close', {}), 'You are no longer in the room.');
    await reach(page, 'live');
    await page.press('#text', 'Enter');
    await heard(page, 'Is anybody there?');
    await page.context().close();
  });

  it('shows an announcement until it is dismissed', async () => {
    await call('announce', { text: 'The bar is <b>open</b>.' });
    for (const page of [ada, ben]) {
      await page.waitForSelector('#banner:not([hidden])');
      assert.equal(await page.textContent('#announcement'), 'The bar is <b>open</b>.');
      await page.click('#dismiss');
      assert.equal(await page.locator('#banner').isVisible(), false);
    }
  });

  it('takes no more than 2,000 characters, and says how many are left', async () => {
    await ada.fill('#text', 'y'.repeat(1990));
    assert.equal(await ada.innerText('#left'), '10');
    await ada.locator('#text').pressSequentially('z'.repeat(15));
    assert.equal((await ada.inputValue('#text')).length, 2000);
    await ada.press('#text', 'Enter');
    assert.deepEqual(await heard(ben, 'y'.repeat(1990) + 'z'.repeat(10)), { own: false, by: 'Ada' });
  });

  it('refuses a room name the server would refuse, before asking it', async () => {
    const page = await open_page();
    await page.goto(on.server.base);
    await page.fill('#name', 'Ada');
    await page.fill('#room', 'no*stars');
    await page.click('#join .solid');
    assert.match(await page.innerText('#fault'), /room’s name/);
    assert.equal(await page.locator('#chat').isVisible(), false);
    await page.context().close();
  });

  it('remembers who and where on a reload', async () => {
    const page = await open_page();
    await enter(page, 'Cleo', 'side.stage');
    await page.reload();
    await reach(page, 'live');
    assert.equal(await page.innerText('#title'), '#side.stage');
    await page.click('#leave');
    assert.equal(await page.inputValue('#name'), 'Cleo');
    assert.equal(await page.inputValue('#room'), 'side.stage');
    await page.context().close();
  });

  it('keeps a reader’s place and offers the new messages', async () => {
    for (let i = 0; i < 25; ++i) {
      await say(ben, `line ${i}`);
      await heard(ada, `line ${i}`);
    }
    const below = () => ada.evaluate(() => { const s = document.getElementById('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight; });
    await ada.waitForFunction(() => { const s = document.getElementById('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight < 2; });
    await ada.hover('#scroll');
    await ada.mouse.wheel(0, -600);
    await ada.waitForFunction(() => { const s = document.getElementById('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight > 300; });
    await say(ben, 'are you still reading?');
    await ada.waitForSelector('#more:not([hidden])');
    assert.match(await ada.innerText('#more'), /1 new message/);
    assert.ok(await below() > 300, 'the page did not jump');
    await ada.click('#more');
    await ada.waitForFunction(() => document.getElementById('more').hidden);
    assert.ok(await below() < 2, 'the end is in sight');
  });

  it('fits a phone', async () => {
    const page = await open_page(phone);
    await enter(page, 'Pip', 'green-room');
    const word = 'x'.repeat(400);
    await say(page, word);
    await heard(page, word);
    const fit = await page.evaluate(() => {
      const s = document.getElementById('scroll'), pen = document.getElementById('send').getBoundingClientRect();
      return { wide: document.documentElement.scrollWidth, room: s.scrollWidth - s.clientWidth, window: innerWidth,
        pen_below: pen.bottom > innerHeight, tap: Math.min(pen.width, pen.height), letter: parseFloat(getComputedStyle(document.getElementById('text')).fontSize) };
    });
    assert.equal(fit.window, 390);
    assert.ok(fit.wide <= fit.window, `no horizontal scroll: ${fit.wide} in ${fit.window}`);
    assert.ok(fit.room <= 0, 'long words wrap');
    assert.equal(fit.pen_below, false, 'the input is in sight');
    assert.ok(fit.tap >= 44, 'a finger finds the button');
    assert.ok(fit.letter >= 16, 'no zoom on focus');
    await page.context().close();
    await noted(ada, 'Pip left');
  });

  it('is dark where dark is preferred', async () => {
    const light = await background(ada);
    await ada.emulateMedia({ colorScheme: 'dark' });
    const dark = await background(ada);
    await ada.emulateMedia({ colorScheme: 'light' });
    const lightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
    assert.ok(lightness(light) > 600 && lightness(dark) < 150, `${light} and ${dark}`);
  });

  it('survives a restart of the server', async () => {
    on.outage = true;
    const end = await stop_server(on.server);
    assert.deepEqual(end, { code: 0, signal: null }, 'SIGTERM ends the server in order');
    await Promise.all([reach(ada, 'waiting'), reach(ben, 'waiting')]);
    await ada.waitForFunction(() => /^reconnecting in \d+ s$/.test(document.getElementById('state').innerText.replace(/\s+/g, ' ')));
    assert.notEqual(await ada.innerText('#why'), '');
    await say(ada, 'Is anybody there?');
    assert.equal(await ada.inputValue('#text'), 'Is anybody there?', 'what cannot be sent stays in the input');
    assert.match(await ada.innerText('#toast'), /^Not connected/);

    on.server = await start_server(on.server.port);
    await Promise.all([ada, ben].map((page) => page.waitForSelector('#state[data-state=live]', { timeout: 40_000 })));
    on.outage = false;
    assert.equal(await ada.locator('#trouble').isVisible(), false);
    assert.equal(await ada.locator('#toast').isVisible(), false, 'nothing red is left');
    await noted(ada, 'The room has begun anew. Messages may be missing here');
    await ada.press('#text', 'Enter');
    assert.deepEqual(await heard(ben, 'Is anybody there?'), { own: false, by: 'Ada' });
    assert.deepEqual(await heard(ada, 'Is anybody there?'), { own: true, by: 'You' });
  });

  it('says nothing of who is there or was, before it is in', async () => {
    const page = await open_page();
    await page.routeWebSocket(/\/ws\?/, () => {}); // a server that never answers
    await page.goto(`${on.server.base}#side-stage`);
    await page.fill('#name', 'Nora');
    await page.click('#join .solid');
    await reach(page, 'connecting');
    assert.equal(await page.locator('#empty').isVisible(), false);
    assert.equal(await page.locator('#log > *').count(), 0);
    await page.context().close();
  });

  for (const reject of ['close', 'http'])
    it(`asks for a token where one is needed (auth.reject = ${reject})`, async () => {
      const secret = 'a-secret-of-32-bytes-for-the-page-test';
      const closed = await start_server(0, ['--auth-secret', secret, '--auth-required', 'true', '--auth-reject', reject]);
      const token = (...more) => execFileSync(binary, ['token', '--secret', secret, '--user', 'u1', '--username', 'Tess', ...more], { encoding: 'utf8' }).trim();
      on.outage = reject === 'http'; // Chromium logs the handshake that fails
      const page = await open_page();
      await page.goto(`${closed.base}#green-room`);
      await page.fill('#name', 'Ada');
      assert.equal(await page.locator('#token').isVisible(), false);
      await page.click('#join .solid');
      if (reject === 'http') await page.click('#use_token');
      await page.waitForSelector('#token', { state: 'visible' });
      if (reject === 'close') assert.match(await page.innerText('#fault'), /asks for a token/);
      await page.fill('#token', 'not a token');
      await page.click('#join .solid');
      assert.match(await page.innerText('#fault'), /three parts/);
      await page.fill('#token', token());
      await page.click('#join .solid');
      await reach(page, 'live');
      on.outage = false;
      assert.equal(await page.getAttribute('#text', 'placeholder'), 'Say something as Tess', 'the token says who it is');
      await say(page, 'I am let in');
      assert.deepEqual(await heard(page, 'I am let in'), { own: true, by: 'You' });
      assert.ok(!page.url().includes('ey'), 'no token in the address');
      await page.reload();
      await reach(page, 'live');
      await page.context().close();
      assert.deepEqual(await stop_server(closed), { code: 0, signal: null });
    });

  it('says why the server does not take a name, and does not try again', async () => {
    const page = await open_page();
    await page.goto(`${on.server.base}#green-room`);
    await page.fill('#name', 'server');
    await page.click('#join .solid');
    await reach(page, 'closed');
    assert.match(await page.innerText('#why'), /'user' is a name of the server's own/);
    await page.context().close();
  });

  it('has room for its trouble on a phone', async () => {
    const page = await open_page(phone);
    await enter(page, 'Nora', 'narrow');
    await page.evaluate(() => {
      document.getElementById('why').textContent = 'The server is there, but does not let this page in. It may be full, or ask for a token.';
      document.getElementById('trouble').hidden = document.getElementById('use_token').hidden = false;
    });
    const [line, text] = await page.evaluate(() => ['#trouble .strip', '#why'].map(at => document.querySelector(at).getBoundingClientRect().width));
    assert.ok(text > line * 0.9, `${text} of ${line} px`);
    if (pictures) await page.screenshot({ path: path_join(resolve(pictures), 'trouble-phone.png') });
    await page.context().close();
  });

  it('has its picture taken', { skip: !pictures && 'no --screenshot DIR' }, async () => {
    mkdirSync(pictures, { recursive: true });
    const still = { reducedMotion: 'reduce' };
    const viola = await open_page(still), puck = await open_page({ ...still, ...phone, viewport: { width: 390, height: 780 } });
    const opened = viola.waitForEvent('websocket');
    await enter(viola, 'Viola', 'opening-night');
    await enter(puck, 'Puck', 'opening-night');
    await noted(viola, 'Puck joined');
    const scene = [
      [viola, 'Good evening! Is the curtain up yet?'],
      [puck, 'Just now. I see every line the moment it is said.'],
      [puck, 'Even from the last row 🎭'],
      [viola, 'And if the theatre closes for a minute?'],
      [puck, 'Then I wait a second, come back by myself, and go on.'],
      [viola, 'Splendid. Open another window and join us.'],
    ];
    for (const [who, words] of scene) {
      await say(who, words);
      await heard(viola, words);
      await heard(puck, words);
    }
    // A round trip that was not measured in the middle of all this talking.
    await (await opened).waitForEvent('framereceived', { predicate: ({ payload }) => JSON.parse(payload).type === 'pong' });
    const take = (page, name) => page.screenshot({ path: path_join(resolve(pictures), name) });
    await take(viola, 'demo.png');
    await viola.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await take(viola, 'demo-dark.png');
    await take(puck, 'demo-phone.png');
    await Promise.all([viola.context().close(), puck.context().close()]);
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});
