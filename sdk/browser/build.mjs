/**
 * Builds dist/: the npm package (index.js and its lazy chunks, with types) and the script tag
 * (diptych.js, and diptych-recorder.js beside it). Run by `npm run build -w @diptych/browser`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  sourcemap: true,
  target: 'es2020',
  legalComments: 'none',
  define: { __SDK_VERSION__: JSON.stringify(version) },
};

rmSync(join(here, 'dist'), { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist',
  format: 'esm',
  splitting: true,
});
await build({
  ...shared,
  entryPoints: { diptych: 'src/script.ts', 'diptych-recorder': 'src/recorder/script.ts' },
  outdir: 'dist',
  format: 'iife',
});

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: here, stdio: 'inherit' });
