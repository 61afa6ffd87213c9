// Builds dist/: the client as one file for `import` and one for `<script src>`, the part for React, and the types.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
/** What begins with an underscore is nobody's business outside, so its name may be short. names.mjs finds out what is smallest. */
export const NAMES = 'scripts/names.json';
export const PRIVATE = /\b(_[a-zA-Z]\w*)/;

function shorten(text) {
  const names = JSON.parse(readFileSync(NAMES, 'utf8'));
  return text.replace(RegExp(PRIVATE, 'g'), (name) => names[name] ?? name);
}

/** Which file comes where in the bundle: gzip likes what is alike to be near. Found by trial. */
export const ORDER = ('names options timers requests create_handle router connection stream errors token page listeners ' +
  'portions client watchdog frame_queue subscriptions').split(' ');

export async function bundle(entry, order = [], external = []) {
  const built = await build({
    stdin: { contents: order.map((file) => `import './src/${file}.ts';`).join('') + `export * from './${entry}';`, resolveDir: '.' },
    ignoreAnnotations: true, // so that an import is an order
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    external,
  });
  // A second look makes it a twentieth smaller.
  const compress = { passes: 3, inline: 0, reduce_funcs: false, lhs_constants: false, unsafe_arrows: true, ecma: 2020 };
  return (await minify(built.outputFiles[0].text, { module: true, compress, mangle: true })).code;
}

/** The same for a page without modules: one variable that has what the module exports. */
function as_global(name, module) {
  const [exported, list] = module.match(/export\{([^}]*)\};?$/);
  const fields = list.replace(/(\w|\$)+ as (\w+)/g, (pair) => pair.split(' as ').reverse().join(':'));
  return `var ${name}=(()=>{${module.slice(0, -exported.length)}return{${fields}}})();`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });
  const client = shorten(await bundle('src/index.ts', ORDER));
  writeFileSync('dist/troupe.js', client);
  writeFileSync('dist/troupe.global.js', as_global('troupe', client));
  if (existsSync('src/react.ts')) writeFileSync('dist/react.js', await bundle('src/react.ts', [], ['react', 'troupe-client']));
}
