// What the tests of the page at `/` share: the server, a real Chromium, and what people do and see there.
//
// TROUPE_BIN names the server, CHROMIUM another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

export const binary = process.env.TROUPE_BIN;
export const desktop = { width: 1200, height: 760 };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const patience_ms = 15_000;
const api_key = 'a-key-for-the-page-test';

/** Starts `troupe serve` and resolves once it has printed its address. */
export function start_server(port = 0, options = []) {
  const child = spawn(binary, ['serve', '--port', String(port), ...options],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TROUPE_API_KEYS: api_key, TROUPE_SERVER_HEARTBEAT_SECONDS: '2' } });
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  let printed = '';
  return new Promise((done, fail) => {
    const late = setTimeout(() => { child.kill('SIGKILL'); fail(new Error(`no address printed:\n${printed}`)); }, patience_ms);
    const hear = (bytes) => {
      printed += bytes;
      const address = printed.match(/http:\/\/127\.0\.0\.1:(\d+)\//);
      if (!address) return;
      clearTimeout(late);
      done({ child, exited, base: address[0], port: Number(address[1]), printed: () => printed });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', (bytes) => { printed += bytes; });
    child.once('error', (error) => { clearTimeout(late); fail(error); });
    exited.then(({ code, signal }) => { clearTimeout(late); fail(new Error(`the server ended (${code ?? signal}):\n${printed}`)); });
  });
}

/** Asks the server to end, and says how it did. One that does not end is killed, which shows in the answer. */
export async function stop_server(server) {
  server.child.kill('SIGTERM');
  const late = setTimeout(() => server.child.kill('SIGKILL'), patience_ms);
  const end = await server.exited;
  clearTimeout(late);
  return end;
}

/**
 * For a describe: `server` and `browser` are there before its tests and gone after them. `faults` is what the pages have
 * logged; while `outage` is set, not that the server cannot be reached, which Chromium itself logs.
 */
export function stage(options = []) {
  const on = { server: null, browser: null, outage: false, faults: [] };
  before(async () => {
    assert.ok(binary, 'TROUPE_BIN must name the server');
    on.server = await start_server(0, options);
    on.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
  });
  after(async () => {
    await on.browser?.close();
    if (on.server) await stop_server(on.server);
  });
  on.open_page = async (more = {}) => {
    const context = await on.browser.newContext({ locale: 'en-GB', viewport: desktop, colorScheme: 'light', ...more });
    const page = await context.newPage();
    page.setDefaultTimeout(patience_ms);
    page.on('pageerror', (error) => on.faults.push(String(error)));
    page.on('console', (line) => {
      if (line.type() !== 'error' && line.type() !== 'warning') return;
      if (on.outage && /^WebSocket connection to|^Failed to load resource: net::ERR_CONNECTION_REFUSED/.test(line.text())) return;
      on.faults.push(line.text());
    });
    return page;
  };
  on.enter = async (page, name, room) => {
    await page.goto(`${on.server.base}#${room}`);
    assert.equal(await page.inputValue('#room'), room, 'the room in the address is offered');
    await page.fill('#name', name);
    await page.click('#join .solid');
    await reach(page, 'live');
  };
  /** Calls the server-side API. */
  on.call = async (path, body) => {
    const answer = await fetch(`${on.server.base}api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
  };
  return on;
}

export const reach = (page, state) => page.waitForSelector(`#state[data-state=${state}]`);

/**
 * The page's WebSockets are told to send or to hear nothing by `mute` and `deaf`, or to hear only what `lets_through`, and can
 * be cut. Until `come_back` the page believes that nobody sees it, and so does not try to connect.
 */
export const with_a_line_to_cut = (page) => page.addInitScript(() => {
  const lines = window.lines = [];
  window.WebSocket = class extends WebSocket {
    constructor(...where) { super(...where); lines.push(this); }
    send(text) { if (!window.mute) super.send(text); }
    set onmessage(hear) {
      super.onmessage = (e) => { if (!window.deaf && (window.lets_through?.(JSON.parse(e.data)) ?? true)) hear(e); };
    }
  };
  Object.defineProperty(document, 'hidden', { get: () => Boolean(window.unseen) });
});
export async function cut(page) {
  await page.evaluate(() => { window.mute = window.deaf = false; window.unseen = true; window.lines.at(-1).close(4000); });
  await reach(page, 'waiting');
}
export async function come_back(page) {
  assert.equal(await page.getAttribute('#state', 'data-state'), 'waiting', 'all of it was said while the line was cut');
  assert.equal(await page.locator('#again').isVisible(), true);
  // In one turn, or the page may come back by itself just before the click.
  await page.evaluate(() => { window.unseen = false; document.getElementById('again').click(); });
  await reach(page, 'live');
}

export async function say(page, words) {
  await page.fill('#text', words);
  await page.press('#text', 'Enter');
}
/** Waits for the room's broadcast of `words`, and says how the page shows it. */
export async function heard(page, words) {
  const found = await page.waitForFunction((words) => {
    const line = [...document.querySelectorAll('#log .line')].find((l) => l.textContent === words);
    if (!line) return null;
    const group = line.closest('.group');
    return { own: group.classList.contains('own'), by: group.querySelector('.by bdi').textContent };
  }, words);
  return found.jsonValue();
}
export const noted = (page, words) => page.waitForFunction(
  (words) => [...document.querySelectorAll('#log .note')].some((n) => n.textContent.startsWith(words)), words);
