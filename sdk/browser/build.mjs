/**
 * Builds dist/: the npm package (index.js, and recorder.js which it loads when the page is idle, the subpaths attribution.js and react.js,
 * with types) and the
 * script tag (diptych.js, and diptych-recorder.js beside it). Run by `npm run build -w @diptych/browser`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));

async function write(input, file, format) {
  const { code, map } = await bundle({ input, file, format });
  writeFileSync(join(here, 'dist', file), code);
  writeFileSync(join(here, 'dist', `${file}.map`), map);
}

rmSync(join(here, 'dist'), { recursive: true, force: true });
mkdirSync(join(here, 'dist'));
await write('src/index.ts', 'index.js', 'esm');
await write('src/attribution.ts', 'attribution.js', 'esm');
await write('src/react.ts', 'react.js', 'esm');
await write('src/recorder/index.ts', 'recorder.js', 'esm');
await write('src/script.ts', 'diptych.js', 'iife');
await write('src/recorder/script.ts', 'diptych-recorder.js', 'iife');

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: here, stdio: 'inherit' });
