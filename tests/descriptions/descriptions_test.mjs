// The tools that others use on the descriptions of the protocol find nothing wrong: AsyncAPI's own
// parser, and TypeScript at its strictest. What openapi.json says is looked at by
// tests/process/test_describe.py.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Parser } from '@asyncapi/parser';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const asyncapi = await readFile(here('../../docs/asyncapi.json'), 'utf8');

const WARNING = 1; // and 0 is an error

async function complaints(text) {
  const { diagnostics } = await new Parser().parse(text);
  return diagnostics
    .filter(({ severity }) => severity <= WARNING)
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('the parser of AsyncAPI takes the description of the frames', async () => {
  assert.deepEqual(await complaints(asyncapi), []);
});

test('and would not take a broken one', async () => {
  for (const broken of [
    asyncapi.replace('"action": "receive"', '"action": "hear"'),
    asyncapi.replace('#/components/messages/JoinRequest', '#/components/messages/Joins'),
    asyncapi.replace('"payload"', '"load"'),
  ]) {
    assert.notEqual(broken, asyncapi);
    assert.notDeepEqual(await complaints(broken), []);
  }
});

test('it describes what a client sends as received, and its answers', async () => {
  const { document } = await new Parser().parse(asyncapi);
  const join = document.operations().get('receiveJoinRequest');
  assert.equal(join.action(), 'receive');
  assert.deepEqual(join.reply().messages().all().map((each) => each.name()), ['joined', 'error']);
  assert.equal(document.channels().all().length, 3);
});

test('TypeScript takes the types, and finds mistakes by them', () => {
  const { status, stdout } = spawnSync(process.execPath, [here('node_modules/typescript/bin/tsc'), '-p', here('.')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});
