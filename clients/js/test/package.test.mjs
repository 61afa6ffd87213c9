// The package as it would be published, in an empty project; and what it must not outgrow.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start_server } from './stage.mjs';

const client = fileURLToPath(new URL('..', import.meta.url));
const run = (command, given, options) => execFileSync(command, given, { encoding: 'utf8', ...options });

describe('the package', () => {
  let server;
  let project;
  before(async () => {
    server = await start_server();
    project = mkdtempSync(join(tmpdir(), 'troupe-client-'));
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], { cwd: client });
    const [packed] = readdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--omit=peer', `./${packed}`], { cwd: project });
  });
  after(async () => {
    rmSync(project, { recursive: true, force: true });
    await server.stop();
  });

  it('brings nothing else', () => {
    assert.deepEqual(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')), ['troupe-client']);
    const there = readdirSync(join(project, 'node_modules/troupe-client')).sort();
    assert.deepEqual(there, ['README.md', 'dist', 'package.json']);
  });

  it('runs', () => {
    writeFileSync(join(project, 'live.js'), `
      import { connect } from 'troupe-client';
      const client = connect(${JSON.stringify(server.url)});
      client.room('lobby').on('message', ({ message }) => { console.log(message); client.close(); });
      client.room('lobby').say('Hello!').catch(() => {});`);
    assert.equal(run(process.execPath, ['live.js'], { cwd: project }), 'Hello!\n');
  });

  it('brings its types, also to old ways of finding them', () => {
    writeFileSync(join(project, 'live.ts'), `
      import { connect, StopError, TroupeError, type Client } from 'troupe-client';
      const client: Client<{ rooms: { lobby: string } }> = connect('/ws', { token: () => { throw new StopError(); } });
      client.room('lobby').say('x').catch((error: TroupeError) => error.code.length);
      // @ts-expect-error
      client.room('lobby').say(1);`);
    for (const mode of [['--module', 'nodenext'], ['--module', 'esnext', '--moduleResolution', 'bundler']]) {
      run(process.execPath, [join(client, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict',
        '--target', 'es2022', '--lib', 'es2022,dom', ...mode, 'live.ts'], { cwd: project });
    }
  });

  it('brings the hooks where there is React', () => {
    for (const name of ['react', 'react-dom', 'scheduler']) symlinkSync(join(client, 'node_modules', name), join(project, 'node_modules', name));
    writeFileSync(join(project, 'page.js'), `
      import { createElement as h } from 'react';
      import { renderToString } from 'react-dom/server';
      import { useConnection, useRoom } from 'troupe-client/react';
      const Page = () => useRoom(useConnection(${JSON.stringify(server.url)}).client, 'r').messages.length;
      console.log(renderToString(h(Page)));`);
    assert.equal(run(process.execPath, ['page.js'], { cwd: project }), '0\n');
  });

  it('is small', () => {
    console.log(run(process.execPath, ['scripts/size.mjs'], { cwd: client }));
  });
});
