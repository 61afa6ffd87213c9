// Looks for the short names that make the bundle smallest, and writes them to names.json, which build.mjs uses. By trial:
// gzip does best where a name repeats what stands near it, and no rule says which. `node scripts/names.mjs [SECONDS]`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { bundle, NAMES, ORDER, PRIVATE } from './build.mjs';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_'];
const kept = JSON.parse(readFileSync(NAMES, 'utf8'));
// Each private name where it stands, by what no minifier touches.
const parts = (await bundle('src/index.ts', ORDER)).split(PRIVATE);
const all = [...new Set(parts.filter((_, i) => i % 2))];
const text = (names) => parts.map((part, i) => (i % 2 ? names[part] : part)).join('');
// The program, as size.mjs has it: that of Node's own library is another.
const size = (names) => execFileSync('gzip', ['-9'], { input: text(names) }).length;

const free = new Set([...LETTERS, ...LETTERS.map((letter) => letter + 'e')]);
let best = {};
for (const name of all) if (kept[name] && free.delete(kept[name])) best[name] = kept[name];
for (const name of all) if (!best[name]) free.delete((best[name] = [...free][0]));
let least = size(best);
console.log(`${all.length} names, ${least} bytes`);

let seed = 1;
const below = (n) => Math.floor(((seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647) * n);
for (const end = Date.now() + 1_000 * (process.argv[2] ?? 60); Date.now() < end;) {
  const next = { ...best };
  const name = all[below(all.length)];
  const letter = LETTERS[below(LETTERS.length)];
  const other = all.find((each) => next[each] === letter);
  if (other) next[other] = next[name];
  next[name] = letter;
  const bytes = size(next);
  if (bytes > least) continue;
  least = bytes;
  best = next;
}
console.log(`${least} bytes`);
writeFileSync(NAMES, JSON.stringify(Object.fromEntries(Object.entries(best).sort()), null, 1) + '\n');
