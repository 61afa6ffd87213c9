// The README's JavaScript, as it stands but for the port, in a real Chromium.
//
//   TROUPE_BIN=build/release/bin/troupe node --test readme_test.mjs
//
// CHROMIUM names another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { chromium } from 'playwright-core';

const patience_ms = 15_000;

async function listing() {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const found = readme.match(/^```js\n(.*?)^```$/ms);
  assert.ok(found, 'the README has a listing in JavaScript');
  assert.match(found[1], /127\.0\.0\.1:8081/);
  return found[1];
}

/** Starts `troupe serve` on a free port and resolves once it has printed it. */
async function start_server() {
  const child = spawn(process.env.TROUPE_BIN, ['serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((done) => child.once('exit', done));
  child.once('error', (error) => console.error(String(error)));
  for await (const line of createInterface(child.stdout)) {
    const address = line.match(/http:\/\/127\.0\.0\.1:(\d+)\//);
    if (address) return { child, exited, port: address[1] };
  }
  throw new Error('the server ended without having printed its address');
}

it('runs as it stands in the README', { timeout: 4 * patience_ms }, async () => {
  const server = await start_server();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--no-proxy-server'],
  });
  try {
    const script = (await listing()).replaceAll('127.0.0.1:8081', `127.0.0.1:${server.port}`);
    const [first, second] = [await browser.newPage(), await browser.newPage()];
    const line = (page, text) => page.waitForEvent('console', { predicate: (said) => said.text() === text, timeout: patience_ms });
    // Each promise is waited for at once: one that fails while another is awaited would end the process.
    await Promise.all([line(first, 'Ada says Hello!'), first.addScriptTag({ content: script })]);
    await Promise.all([line(first, 'Ada is here'), line(second, 'Ada says Hello!'), second.addScriptTag({ content: script })]);
    const closed = line(first, 'closed with 1001');
    server.child.kill('SIGTERM');
    await closed;
  } finally {
    await browser.close();
    server.child.kill('SIGTERM');
    assert.equal(await server.exited, 0);
  }
});
