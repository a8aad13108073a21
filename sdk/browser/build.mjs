/**
 * Builds dist/: the npm package (index.js, and recorder.js which it loads when the page is idle, the subpaths attribution.js and react.js,
 * with types) and the
 * script tag (diptych.js, and diptych-recorder.js beside it). Run by `npm run build -w @diptych/browser`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { minify } from 'terser';
import { PRIVATE_PROPERTIES } from './private_properties.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** Browsers of 2022 and later: what a newer feature needs is asked for where it is used. */
const TARGET = 'es2022';
const ECMA = 2020;

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
  const { output } = await build.generate({
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
  await writeSmaller(output[0], file, format);
}

/** Takes off what rolldown's own minifier leaves (about 2 %: terser looks at a whole file several times) and writes the file with its map. */
async function writeSmaller({ code, map }, file, format) {
  const smaller = await minify(code, {
    module: format === 'esm',
    toplevel: true,
    ecma: ECMA,
    compress: { passes: 3, pure_getters: true, unsafe_arrows: true, unsafe_methods: true },
    sourceMap: { content: map, filename: file, url: `${file}.map` },
  });
  mkdirSync(join(here, 'dist'), { recursive: true });
  writeFileSync(join(here, 'dist', file), smaller.code);
  writeFileSync(join(here, 'dist', `${file}.map`), smaller.map);
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
