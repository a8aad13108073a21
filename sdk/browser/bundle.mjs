/** One file out of one entry, as small as it gets; used by build.mjs, and by size.mjs to see what a part really weighs. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { minify } from 'terser';
import { PRIVATE_PROPERTIES } from './private_properties.mjs';
import { MENDED } from './recorder_library.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** Browsers of 2022 and later: what a newer feature needs is asked for where it is used. */
const TARGET = 'es2022';
const ECMA = 2020;

/**
 * Code and source map; the recorder is never bundled with what loads it. `plugins` see the sources first.
 * @param {{ input: string, file: string, format: 'esm' | 'iife', plugins?: import('rolldown').Plugin[] }} what
 */
export async function bundle({ input, file, format, plugins = [] }) {
  const build = await rolldown({
    cwd: here,
    input,
    platform: 'browser',
    external: (id) =>
      id === 'react' ||
      (input === 'src/react.ts' && id === './index.js') ||
      (input !== 'src/recorder/index.ts' && id.endsWith('/recorder/index.js')),
    transform: { target: TARGET, define: { __SDK_VERSION__: JSON.stringify(version) } },
    plugins: [...plugins, MENDED],
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
  return smaller(output[0], file, format);
}

/** The second run still finds what the first has left open; a third finds nothing. */
const RUNS = 2;

/** Takes off what rolldown's own minifier leaves: about 2 %, since terser looks at a whole file several times. */
async function smaller(built, file, format) {
  let { code, map } = built;
  for (let run = 0; run < RUNS; run += 1) {
    ({ code, map } = await minify(code, {
      module: format === 'esm',
      toplevel: true,
      ecma: ECMA,
      compress: {
        passes: 6,
        pure_getters: true,
        hoist_funs: true,
        unsafe_arrows: true,
        unsafe_comps: true,
        unsafe_methods: true,
      },
      sourceMap: { content: map, filename: file, url: `${file}.map` },
    }));
  }
  return { code, map };
}
