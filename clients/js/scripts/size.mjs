// Prints what the bundles weigh, as `gzip -9` makes them, and fails above the limits.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const limits = { 'troupe.js': 5_000, 'troupe.global.js': 5_000, 'react.js': 1_000 };
for (const [name, limit] of Object.entries(limits)) {
  const bytes = readFileSync(join(dist, name));
  const { length } = gzipSync(bytes, { level: 9 });
  console.log(`${name}: ${length} of ${limit} bytes (minified ${bytes.length})`);
  if (length > limit) process.exitCode = 1;
}
