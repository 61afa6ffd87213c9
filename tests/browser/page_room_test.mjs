// The page at `/` and what the server tells of a room: what was said and missed, who is there, and who types.
//
//   TROUPE_BIN=build/release/bin/troupe node --test page_room_test.mjs
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path_join } from 'node:path';
import { describe, it } from 'node:test';
import { come_back, cut, heard, noted, reach, say, stage, start_server, stop_server, with_a_line_to_cut } from './page_stage.mjs';

/** What the log says, from top to bottom, notes in brackets. */
const told = (page) => page.evaluate(() => [...document.querySelectorAll('#log :is(.line, .note, .hole)')]
  .map((row) => row.matches('.line') ? row.textContent : `[${(row.matches('.hole') ? row.firstChild : row).textContent.replace(/\d\d:\d\d$/, '')}]`));
const lines = async (page) => (await told(page)).filter((row) => !row.startsWith('['));
const numbered = (word, from, to) => Array.from({ length: to - from + 1 }, (_, i) => `${word} ${from + i}`);

describe('what was said', () => {
  const on = stage(['--limits-history-recover-max', '5']);
  const { open_page, enter, call } = on;
  const server_says = async (room, words) => { for (const message of words) await call(`rooms/${room}/message`, { message }); };
  const two_in = async (room) => {
    const [ada, ben] = [await open_page(), await open_page()];
    await with_a_line_to_cut(ada);
    await enter(ada, 'Ada', room);
    await enter(ben, 'Ben', room);
    return { ada, ben, close: () => Promise.all([ada.context().close(), ben.context().close()]) };
  };

  it('is there after a reload, and for a newcomer', async () => {
    const { ada, ben, close } = await two_in('again');
    const words = ['Was this said?', 'It was, Ada.', 'Then I can see it again.'];
    for (const [who, line] of [[ada, words[0]], [ben, words[1]], [ada, words[2]]]) {
      await say(who, line);
      await Promise.all([heard(ada, line), heard(ben, line)]);
    }
    await ada.reload();
    assert.deepEqual(await heard(ada, words[2]), { own: true, by: 'You' }, 'one’s own, on another connection');
    assert.deepEqual(await heard(ada, words[1]), { own: false, by: 'Ben' });
    assert.deepEqual(await told(ada), [...words, '[You joined the room]']);
    assert.match(await ada.locator('#log .line').first().getAttribute('title'), /^\d\d\/\d\d\/\d{4}, /, 'with the time when it was said');
    assert.equal(await ada.locator('#log .past').getAttribute('aria-live'), 'off', 'nobody is read all of it');
    await say(ben, 'And new things, too.');
    await heard(ada, 'And new things, too.');
    const eve = await open_page();
    await enter(eve, 'Eve', 'again');
    assert.deepEqual(await heard(eve, words[0]), { own: false, by: 'Ada' });
    assert.equal(await eve.locator('#empty').isVisible(), false);
    assert.deepEqual((await lines(eve)).length, 4);
    await Promise.all([close(), eve.context().close()]);
  });

  it('is shown further back to who scrolls up, without losing the place', async () => {
    await server_says('long', numbered('line', 1, 80));
    const page = await open_page();
    await enter(page, 'Ada', 'long');
    await heard(page, 'line 80');
    assert.deepEqual(await lines(page), numbered('line', 31, 80));
    const place = () => page.evaluate(() => [...document.querySelectorAll('#log .line')].find((l) => l.textContent === 'line 31').getBoundingClientRect().top);
    await page.evaluate(() => { document.getElementById('scroll').scrollTop = 300; });
    const before = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))).then(place);
    await page.evaluate(() => document.querySelector('#older button').click());
    await heard(page, 'line 1');
    assert.ok(Math.abs(await place() - before) < 2, 'what was read stays where it was');
    assert.deepEqual(await lines(page), numbered('line', 1, 80));
    assert.equal(await page.locator('#older').isVisible(), false, 'there is no more');
    await page.context().close();
  });

  it('comes by itself at the top', async () => {
    const page = await open_page();
    await enter(page, 'Ben', 'long');
    await heard(page, 'line 80');
    await page.hover('#scroll');
    await page.mouse.wheel(0, -9000);
    await heard(page, 'line 1');
    assert.deepEqual(await lines(page), numbered('line', 1, 80));
    await page.context().close();
  });

  it('is not missing where the line was cut, and nothing is there twice', async () => {
    const { ada, ben, close } = await two_in('cut');
    await say(ben, 'before');
    await heard(ada, 'before');
    const asked = [];
    ada.on('websocket', (line) => line.on('framesent', ({ payload }) => asked.push(JSON.parse(payload).type)));
    for (const round of [1, 2]) {
      await cut(ada);
      const missed = numbered(`round ${round}:`, 1, 5);
      await server_says('cut', missed.slice(0, 4));
      await say(ben, missed[4]);
      await heard(ben, missed[4]);
      await come_back(ada);
      await heard(ada, missed[4]);
      await say(ben, `after ${round}`);
      await heard(ada, `after ${round}`);
    }
    assert.deepEqual(await lines(ada), ['before', ...numbered('round 1:', 1, 5), 'after 1', ...numbered('round 2:', 1, 5), 'after 2']);
    assert.deepEqual((await told(ada)).filter((row) => /missing|Back/.test(row)), [], 'nothing happened, as far as the reader can see');
    assert.ok(!asked.includes('history'), 'the server has recovered it all');
    await close();
  });

  it('is asked for where too much was missed', async () => {
    const { ada, close } = await two_in('much');
    await server_says('much', ['before']);
    await heard(ada, 'before');
    await cut(ada);
    await server_says('much', numbered('line', 1, 20));
    await come_back(ada);
    await heard(ada, 'line 1');
    await server_says('much', ['after']);
    await heard(ada, 'after');
    assert.deepEqual(await lines(ada), ['before', ...numbered('line', 1, 20), 'after']);
    assert.deepEqual((await told(ada)).filter((row) => /missing/.test(row)), [], 'all of it is there');
    await close();
  });

  it('is said to be missing until it is there', async () => {
    const { ada, close } = await two_in('more');
    await server_says('more', ['before']);
    await heard(ada, 'before');
    await cut(ada);
    await server_says('more', numbered('line', 1, 60));
    await come_back(ada);
    await heard(ada, 'line 60');
    const shown = (await told(ada)).slice((await told(ada)).indexOf('before'));
    assert.deepEqual(shown, ['before', '[Messages may be missing here]', ...numbered('line', 11, 60)]);
    await ada.evaluate(() => document.querySelector('#log .hole button').click());
    await heard(ada, 'line 1');
    assert.deepEqual(await lines(ada), ['before', ...numbered('line', 1, 60)]);
    assert.deepEqual((await told(ada)).filter((row) => /missing/.test(row)), []);
    await close();
  });

  it('is said again if the line broke before it was heard, and never twice', async () => {
    const { ada, ben, close } = await two_in('sending');
    await ada.evaluate(() => { window.mute = true; });
    await say(ada, 'lost on its way there');
    await cut(ada);
    assert.equal(await ada.innerText('#pending .fate'), 'Waiting for the line…');
    await come_back(ada);
    assert.deepEqual(await heard(ada, 'lost on its way there'), { own: true, by: 'You' });
    await ada.evaluate(() => { window.deaf = true; });
    await say(ada, 'lost on its way back');
    await heard(ben, 'lost on its way back');
    await cut(ada);
    await come_back(ada);
    assert.deepEqual(await heard(ada, 'lost on its way back'), { own: true, by: 'You' });
    await say(ada, 'the last word');
    await Promise.all([ada, ben].map((page) => heard(page, 'the last word')));
    const words = ['lost on its way there', 'lost on its way back', 'the last word'];
    assert.deepEqual([await lines(ada), await lines(ben)], [words, words]);
    assert.equal(await ada.locator('#pending .group').count(), 0);
    await close();
  });

  /** Another server with two in its room, and what Ada said there before Ben came. */
  async function elsewhere(options, words) {
    const other = await start_server(0, options), pages = [];
    for (const name of ['Ada', 'Ben']) {
      const page = await open_page();
      await with_a_line_to_cut(page);
      await page.goto(`${other.base}#bare`);
      await page.fill('#name', name);
      await page.click('#join .solid');
      await reach(page, 'live');
      for (const line of pages.push(page) === 1 ? words : []) {
        await say(page, line);
        await heard(page, line);
      }
    }
    return { ada: pages[0], ben: pages[1], close: async () => {
      await Promise.all(pages.map((page) => page.context().close()));
      assert.deepEqual(await stop_server(other), { code: 0, signal: null });
    } };
  }

  it('is left alone where none is kept, without a complaint', async () => {
    const { ada, ben, close } = await elsewhere(['--defaults-room-history-messages', '0'], ['Who will remember this?']);
    await ben.waitForSelector('#empty', { state: 'visible' });
    assert.equal(await ben.locator('#toast').isVisible(), false);
    await cut(ada);
    await say(ben, 'Not I.');
    await heard(ben, 'Not I.');
    await come_back(ada);
    await noted(ada, 'Messages may be missing here');
    assert.equal(await ada.locator('#log .hole button').count(), 0, 'nothing is offered');
    await close();
  });

  it('is shown as far as a newcomer is given it, where nobody may ask', async () => {
    const folder = mkdtempSync(path_join(tmpdir(), 'troupe-page-'));
    const file = path_join(folder, 'troupe.toml');
    writeFileSync(file, '[[namespace]]\nmatch = ">"\njoin = "anyone"\npublish = "anyone"\ngreet = 2\n');
    const { ben, close } = await elsewhere(['--config', file], ['one', 'two', 'three']);
    await heard(ben, 'three');
    await say(ben, 'four');
    await heard(ben, 'four');
    assert.deepEqual(await told(ben), ['two', 'three', '[You joined the room]', 'four']);
    assert.equal(await ben.locator('#toast').isVisible(), false);
    assert.equal(await ben.locator('#older').isVisible(), false);
    await close();
    rmSync(folder, { recursive: true });
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});

describe('who is there', () => {
  const on = stage();
  const { open_page, enter } = on;
  const counted = (page, n) => page.waitForFunction((n) => document.getElementById('here').textContent === n, String(n));
  const named = (page, all) => page.waitForFunction((all) =>
    JSON.stringify([...document.querySelectorAll('#names li')].map((li) => li.querySelector('bdi').textContent)) === all, JSON.stringify(all));
  const notes = async (page) => (await told(page)).filter((row) => row.startsWith('['));

  it('is counted, and named on demand', async () => {
    const [ada, ben] = [await open_page(), await open_page()];
    await enter(ada, 'Ada', 'company');
    await counted(ada, 1);
    await enter(ben, 'Ben', 'company');
    await Promise.all([counted(ada, 2), counted(ben, 2)]);
    assert.equal(await ada.getAttribute('#who', 'aria-label'), '2 people are here');
    assert.equal(await ada.locator('#people').isVisible(), false);
    await ada.click('#who');
    assert.equal(await ada.locator('#people').isVisible(), true);
    await named(ada, ['Ada', 'Ben']);  // oneself first
    assert.match(await ada.innerText('#names li:first-child'), /you$/);
    const eve = await open_page();
    await enter(eve, 'Eve <b>x</b>', 'company');
    await counted(ada, 3);
    await named(ada, ['Ada', 'Ben', 'Eve <b>x</b>']);  // an open list follows
    await ada.keyboard.press('Escape');
    assert.equal(await ada.locator('#people').isVisible(), false);
    await eve.context().close();
    await counted(ada, 2);
    await noted(ada, 'Eve <b>x</b> left');
    assert.deepEqual(await notes(ada), ['[You joined the room]', '[Ben joined]', '[Eve <b>x</b> joined]', '[Eve <b>x</b> left]'], 'each once');
    await Promise.all([ada.context().close(), ben.context().close()]);
  });

  it('does not flicker when somebody’s page is loaded again', async () => {
    const [ada, ben] = [await open_page(), await open_page()];
    await enter(ada, 'Ada', 'steady');
    await enter(ben, 'Ben', 'steady');
    await noted(ada, 'Ben joined');
    await ben.reload();
    await reach(ben, 'live');
    const cleo = await open_page();
    await enter(cleo, 'Cleo', 'steady');
    await noted(ada, 'Cleo joined');  // who comes and goes within half a second is not told of
    await cleo.context().close();
    await noted(ada, 'Cleo left');  // whoever left before her has been noted by now
    assert.deepEqual(await notes(ada), ['[You joined the room]', '[Ben joined]', '[Cleo joined]', '[Cleo left]']);
    await Promise.all([ada.context().close(), ben.context().close()]);
  });

  it('is shown while somebody types, and no longer', async () => {
    const [ada, ben, cleo] = [await open_page(), await open_page(), await open_page()];
    const signals = [];
    ben.on('websocket', (line) => line.on('framesent', ({ payload }) => { if (JSON.parse(payload).type === 'signal') signals.push(JSON.parse(payload).data.typing); }));
    for (const [page, name] of [[ada, 'Ada'], [ben, 'Ben'], [cleo, 'Cleo']]) await enter(page, name, 'typing');
    await noted(ben, 'Cleo joined');
    const typing = (page, words) => page.waitForFunction((words) => document.getElementById('typing').textContent === words, words);
    await ben.locator('#text').pressSequentially('Well, I think');
    await Promise.all([typing(ada, 'Ben is typing…'), typing(cleo, 'Ben is typing…')]);
    assert.deepEqual(signals, [true], 'not one for each key');
    assert.equal(await ben.textContent('#typing'), '', 'nobody is told of himself');
    await cleo.locator('#text').pressSequentially('No,');
    await typing(ada, 'Ben and Cleo are typing…');
    await ben.press('#text', 'Enter');
    await heard(ada, 'Well, I think');
    await typing(ada, 'Cleo is typing…');
    await cleo.fill('#text', '');
    await typing(ada, '');
    await ada.locator('#text').pressSequentially('Hm');
    await typing(ben, 'Ada is typing…');
    await typing(ben, '');
    assert.equal(await ada.inputValue('#text'), 'Hm', 'who stops is forgotten after a while');
    await Promise.all([ada, ben, cleo].map((page) => page.context().close()));
  });

  it('has logged no error', () => assert.deepEqual(on.faults, []));
});
