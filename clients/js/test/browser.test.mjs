// The file for <script src>, in Chromium, on a page that is opened from the disk.
//
// CHROMIUM names another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { open, patience_ms, start_proxy, start_server } from './stage.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

describe('a page from the disk', () => {
  let server;
  let proxy;
  let other;
  let browser;
  let files;
  let folder;
  before(async () => {
    server = await start_server();
    proxy = await start_proxy(server.port);
    other = open(server.url, { user: 'Ben' });
    folder = mkdtempSync(join(tmpdir(), 'troupe-page-'));
    copyFileSync(join(dist, 'troupe.global.js'), join(folder, 'troupe.js'));
    writeFileSync(join(folder, 'page.html'), `<!doctype html><meta charset=utf-8><ul></ul><script src="troupe.js"></script><script>
      const client = troupe.connect(${JSON.stringify(proxy.url)}, { user: 'Ann', baseMs: 50, maxMs: 200 });
      client.on('state', ({ state }) => { document.body.dataset.state = state; });
      client.room('disk').on('message', ({ user, message }) => {
        document.querySelector('ul').append(Object.assign(document.createElement('li'), { textContent: user + ': ' + message }));
      });
      client.room('disk').say('Hello from the disk');
    </script>`);
    files = createServer((request, answer) => {
      const file = { '/page.html': 'text/html', '/troupe.js': 'text/javascript' }[request.url];
      answer.writeHead(file ? 200 : 404, { 'content-type': file ?? 'text/plain' });
      answer.end(file && readFileSync(join(folder, request.url)));
    });
    await new Promise((done) => { files.listen(0, '127.0.0.1', done); });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        // Another name than localhost, so that the browser does not trust it.
        '--host-resolver-rules=MAP plain.example 127.0.0.1'],
    });
  });
  after(async () => {
    await browser?.close();
    files?.close();
    other?.client.close();
    proxy?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('talks, comes back, and misses nothing', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(patience_ms);
    const faults = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(pathToFileURL(join(folder, 'page.html')).href);
    await page.waitForSelector('li');
    await proxy.do('kill');
    await page.waitForSelector('body[data-state=waiting]');
    await other.client.room('disk').say('While you were away');
    await proxy.do('accept');
    await page.waitForSelector('li:nth-child(2)');
    assert.deepEqual(await page.locator('li').allTextContents(), ['Ann: Hello from the disk', 'Ben: While you were away']);
    assert.equal(await page.evaluate('typeof crypto.randomUUID'), 'function', 'a page from the disk is trusted');
    assert.deepEqual(await page.evaluate('Object.keys(troupe).sort()'), ['StopError', 'TroupeError', 'connect']);
    assert.deepEqual(faults, []);
  });

  it('works on a page of plain http, which has less', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(patience_ms);
    await page.goto(`http://plain.example:${files.address().port}/page.html`);
    assert.equal(await page.evaluate('typeof crypto.randomUUID'), 'undefined');
    assert.equal(await page.evaluate("client.room('plain').say('Hello').then(({ offset }) => offset, (error) => error.code)"), 1);
  });
});
