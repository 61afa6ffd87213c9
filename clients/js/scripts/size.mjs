// Prints what the bundles weigh, as `gzip -9` makes them, and fails above the limits. Without a name inside: no server
// sends one.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..', 'dist'));
const limits = { 'troupe.js': 5_000, 'troupe.global.js': 5_000, 'react.js': 1_000 };
for (const [name, limit] of Object.entries(limits)) {
  const { length } = execFileSync('gzip', ['-9n', '-c', name]);
  console.log(`${name}: ${length} of ${limit} bytes (minified ${statSync(name).size})`);
  if (length > limit) process.exitCode = 1;
}
