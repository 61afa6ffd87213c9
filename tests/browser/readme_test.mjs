// The documents' JavaScript, as it stands but for the port, in a real Chromium.
//
//   TROUPE_BIN=build/release/bin/troupe node --test readme_test.mjs
//
// CHROMIUM names another browser than /usr/bin/chromium, NATS_SERVER another nats-server than /usr/sbin's.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { connect } from 'nats';
import { chromium } from 'playwright-core';
import { start_nats, without_nats } from './nats_stage.mjs';

const patience_ms = 15_000;

/** The first listing in a language, of those that have `word` in them. */
async function listing(document, language, word) {
  const text = await readFile(new URL(`../../${document}`, import.meta.url), 'utf8');
  const all = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((found) => found[1]);
  const wanted = all.find((found) => found.includes(word));
  assert.ok(wanted, `${document} has a listing in ${language} with ${word}`);
  return wanted;
}

async function script_for(document, word, server) {
  return (await listing(document, 'js', word)).replaceAll('127.0.0.1:8081', `127.0.0.1:${server.port}`);
}

function start_browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--no-proxy-server'],
  });
}

/** Resolves when the page has written a line like this to its console. */
const line_like = (page, fits) => page.waitForEvent('console', { predicate: (said) => fits(said.text()), timeout: patience_ms });
const line = (page, text) => line_like(page, (said) => said === text);

/** Starts `troupe serve` on a free port and resolves once it has printed it. */
async function start_server(...options) {
  const child = spawn(process.env.TROUPE_BIN, ['serve', '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  const browser = await start_browser();
  try {
    const script = await script_for('README.md', 'user_joined', server);
    assert.match(script, new RegExp(`ws://127\\.0\\.0\\.1:${server.port}/`));
    const [first, second] = [await browser.newPage(), await browser.newPage()];
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

it('calls a service as it stands in docs/nats.md', { timeout: 4 * patience_ms, skip: without_nats }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-'));
  await writeFile(join(folder, 'troupe.toml'), await listing('docs/nats.md', 'toml', '[[rpc.allow]]'));
  const nats = await start_nats();
  const bus = await connect({ servers: nats.url });
  const server = await start_server('--config', join(folder, 'troupe.toml'), '--nats-url', nats.url);
  const browser = await start_browser();
  try {
    // Until the server is on NATS: it connects in the background.
    const give_up_at = Date.now() + patience_ms;
    while (!await bus.request('troupe.rpc.stats', '{}').catch(() => undefined))
      assert.ok(Date.now() < give_up_at, 'the server is not on NATS');
    const script = await script_for('docs/nats.md', '"rpc"', server);

    const alone = await browser.newPage();
    const refused = line_like(alone, (said) => said.startsWith('unavailable '));
    await Promise.all([refused, alone.addScriptTag({ content: script })]);

    const asked = [];
    bus.subscribe('catalogue.rpc.find', {
      callback: (_, message) => {
        asked.push(message.string());
        message.respond('{"result":["black","green"]}');
      },
    });
    await bus.flush();
    const served = await browser.newPage();
    await Promise.all([line(served, 'found ["black","green"]'), served.addScriptTag({ content: script })]);
    assert.deepEqual(asked, ['{"text":"tea"}']);
  } finally {
    await browser.close();
    await bus.close();
    server.child.kill('SIGTERM');
    assert.equal(await server.exited, 0);
    nats.child.kill('SIGTERM');
    await nats.exited;
    await rm(folder, { recursive: true });
  }
});
