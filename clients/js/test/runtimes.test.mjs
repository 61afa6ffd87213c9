// The built client under other runtimes: RUNTIMES lists commands, each of which is given a script.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { suite, until, within } from './stage.mjs';

const runtimes = (process.env.RUNTIMES ?? process.execPath).split(',');
const script = fileURLToPath(new URL('elsewhere.mjs', import.meta.url));

describe('the client under', () => {
  const on = suite();

  for (const [number, runtime] of runtimes.entries()) {
    it(runtime, async () => {
      const [command, ...given] = runtime.split(' ');
      const room = `r${number}`;
      const child = spawn(command, [...given, script, on.proxy.url, room], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = new Promise((done) => child.once('exit', done));
      let printed = '';
      child.stdout.on('data', (bytes) => { printed += bytes; });
      try {
        await until('what it says', () => printed.includes('1 said'));
        await on.proxy.do('refuse');
        await on.proxy.do('cut');
        await until('a cut', () => printed.includes('waiting'));
        for (const message of ['missed', 'end']) await on.server.call(`rooms/${room}/message`, { message });
        await on.proxy.do('accept');
        assert.equal(await within(ended, printed), 0);
      } finally {
        child.kill();
      }
      const heard = printed.trim().split('\n').filter((line) => !/^(connecting|waiting)$/.test(line));
      assert.deepEqual(heard.slice(-5), ['open', 'recovered', '2 missed', '3 end', 'closed'], printed);
    });
  }
});
