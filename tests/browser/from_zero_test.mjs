// docs/from-zero.md: its service, its configuration and its page together, as they stand but for where the server is.
//
//   TROUPE_BIN=build/release/bin/troupe node --test from_zero_test.mjs    (Node.js 20 or newer, which jose needs)
//
// The page is at https://example.com, of which Chromium asks this test in the place of the network.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { stage, start_server, stop_server } from './page_stage.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const secret = 'a-secret-of-64-bytes-as-openssl-makes-it-for-the-test-of-a-page';

/** The only listing in a language. */
function listing(language) {
  const text = readFileSync(here('../../docs/from-zero.md'), 'utf8');
  const all = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))];
  assert.equal(all.length, 1, `one listing in ${language}`);
  return all[0][1];
}

describe('a closed chat', () => {
  const on = stage();
  const folder = mkdtempSync(join(tmpdir(), 'troupe-from-zero-'));
  let server;
  let site;
  before(async () => {
    process.env.TROUPE_AUTH_SECRET = secret;
    writeFileSync(join(folder, 'troupe.toml'), listing('toml'));
    server = await start_server(0, ['--config', join(folder, 'troupe.toml')]);
    symlinkSync(here('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'site.mjs'), listing('js'));
    const child = spawn(process.execPath, [join(folder, 'site.mjs')], { cwd: folder, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface(child.stdout)) {
      site = { child, url: `http://127.0.0.1:${line.match(/^listening on (\d+)$/)[1]}` };
      break;
    }
  });
  after(async () => {
    site?.child.kill();
    await stop_server(server);
    rmSync(folder, { recursive: true });
  });

  /** The page as somebody opens it who has this cookie at example.com. */
  async function open_page(session, origin = 'https://example.com') {
    const page = await on.open_page();
    // The server is on this machine, and a browser asks before a page from elsewhere may reach that.
    await page.context().grantPermissions(['local-network-access'], { origin });
    if (session) await page.context().addCookies([{ name: 'session', value: session, url: origin }]);
    const text = listing('html');
    assert.ok(text.includes('wss://chat.example.com'));
    const body = text.replace('wss://chat.example.com', `ws://127.0.0.1:${server.port}`);
    const files = {
      '/': { contentType: 'text/html', body },
      '/favicon.ico': { status: 204 },
    };
    await page.route(`${origin}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path in files) return route.fulfill(files[path]);
      const answer = await fetch(site.url + path, { method: route.request().method(), headers: session ? { cookie: `session=${session}` } : {} });
      return route.fulfill({ status: answer.status, body: await answer.text() });
    });
    await page.route('https://chat.example.com/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await page.request.get(`http://127.0.0.1:${server.port}${pathname}`) });
    });
    await page.goto(`${origin}/`);
    return page;
  }
  const state = (page, wanted) => page.waitForFunction((wanted) => document.querySelector('#state').textContent === wanted, wanted);
  const say = async (page, words) => {
    await page.fill('input', words);
    await page.press('input', 'Enter');
  };
  const heard = (page, words) => page.waitForFunction(
    (words) => [...document.querySelectorAll('li')].some((line) => line.textContent === words), words);

  it('lets in who has signed in, under the name of the site', async () => {
    const page = await open_page('ann');
    await state(page, 'open');
    await say(page, 'Hello, team');
    await heard(page, 'Ann: Hello, team');
    await page.context().close();
  });

  it('sends away who has not', async () => {
    on.outage = true;
    const page = await open_page(null);
    await state(page, 'Please sign in');
    on.faults.splice(0); // Chromium logs the 401
    await page.context().close();
  });

  it('refuses the same page at another origin, with a good token', async () => {
    const page = await open_page('ann', 'https://example.org');
    await state(page, 'Origin not allowed');
    await page.context().close();
  });

  it('is another team\'s room to others', async () => {
    const token = await new SignJWT({ username: 'Red', team: 'red' }).setProtectedHeader({ alg: 'HS256' }).setSubject('u2')
      .setIssuer('https://example.com').setAudience('chat').setExpirationTime('1 minute').sign(new TextEncoder().encode(secret));
    const page = await open_page('ann');
    await state(page, 'open');
    const refusal = await page.evaluate(([url, token]) => {
      const other = troupe.connect(url, { token });
      return other.room('team.blue.plans').join().then(() => 'in', (error) => error.code).finally(() => other.close());
    }, [`ws://127.0.0.1:${server.port}/ws`, token]);
    assert.equal(refusal, 'insufficient_permissions');
    on.faults.splice(0);
    await page.context().close();
  });

  it('runs on one machine, without nginx', async () => {
    const at = new URL(site.url).port;
    const files = { 'index.html': listing('html'), 'troupe.toml': listing('toml') };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const local = readFileSync(here('../../docs/from-zero.md'), 'utf8').match(/^sed -i (.*\n)+?(?=```)/m)[0];
    execFileSync('bash', ['-euc', local.replaceAll('127.0.0.1:3000', `127.0.0.1:${at}`)], { cwd: folder });
    const near = await start_server(0, ['--config', join(folder, 'troupe.toml')]);
    const page = await on.open_page();
    try {
      const text = readFileSync(join(folder, 'index.html'), 'utf8');
      writeFileSync(join(folder, 'index.html'), text.replaceAll('127.0.0.1:8081', `127.0.0.1:${near.port}`));
      on.outage = true;
      await page.goto(`${site.url}/`);
      await state(page, 'Please sign in');
      on.faults.splice(0); // Chromium logs the 401
      await page.evaluate(() => { document.cookie = 'session=ann'; });
      await page.reload();
      await state(page, 'open');
      await say(page, 'Hello, team');
      await heard(page, 'Ann: Hello, team');
    } finally {
      await page.context().close();
      await stop_server(near);
    }
  });

  it('has logged no other error', () => assert.deepEqual(on.faults, []));
});
