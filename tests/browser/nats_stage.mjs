// A real nats-server for the tests, and whether there is one. NATS_SERVER names another than /usr/sbin's.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const nats_binary = process.env.NATS_SERVER ?? '/usr/sbin/nats-server';

/** What a test says that is left out. */
export const without_nats = existsSync(nats_binary) ? false : `no ${nats_binary}`;

/** A nats-server on a free port, of which its log tells. */
export async function start_nats() {
  const child = spawn(nats_binary, ['--addr', '127.0.0.1', '--port', '-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((done) => child.once('exit', done));
  child.once('error', (error) => console.error(String(error)));
  const url = await new Promise((done, fail) => {
    let address;
    createInterface(child.stderr).on('line', (said) => {
      address ??= said.match(/client connections on (127\.0\.0\.1:\d+)/)?.[1];
      if (/Server is ready/.test(said)) done(`nats://${address}`);
    }).on('close', () => fail(new Error('nats-server ended without being ready')));
  });
  return { child, exited, url };
}
