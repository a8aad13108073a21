/**
 * Builds dist/: the npm package (index.js, and recorder.js which it loads when the page is idle, the subpaths attribution.js and react.js,
 * with types) and the
 * script tag (diptych.js, and diptych-recorder.js beside it). Run by `npm run build -w @diptych/browser`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { PRIVATE_PROPERTIES } from './private_properties.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** Browsers of 2022 and later: what a newer feature needs is asked for where it is used. */
const TARGET = 'es2022';

/** One file out of one entry; the recorder is never bundled with what loads it. */
async function bundle(input, file, format) {
  const build = await rolldown({
    cwd: here,
    input,
    platform: 'browser',
    external: (id) =>
      id === 'react' ||
      (input === 'src/react.ts' && id === './index.js') ||
      (input !== 'src/recorder/index.ts' && id.endsWith('/recorder/index.js')),
    transform: { target: TARGET, define: { __SDK_VERSION__: JSON.stringify(version) } },
  });
  await build.write({
    file: join(here, 'dist', file),
    format,
    sourcemap: true,
    paths: (id) =>
      /recorder.index\.js$/.test(id) ? './recorder.js' : id.replace(/^.*src.index\.js$/, './index.js'),
    minify: {
      compress: { target: TARGET },
      mangle: { toplevel: true },
      // The others are mostly libraries, whose property names are not ours to know.
      ...(/src.(index|script)/.test(input) && { mangleProps: { include: PRIVATE_PROPERTIES } }),
    },
  });
  await build.close();
}

rmSync(join(here, 'dist'), { recursive: true, force: true });
await bundle('src/index.ts', 'index.js', 'esm');
await bundle('src/attribution.ts', 'attribution.js', 'esm');
await bundle('src/react.ts', 'react.js', 'esm');
await bundle('src/recorder/index.ts', 'recorder.js', 'esm');
await bundle('src/script.ts', 'diptych.js', 'iife');
await bundle('src/recorder/script.ts', 'diptych-recorder.js', 'iife');

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: here, stdio: 'inherit' });
