/** One file out of one entry, as small as it gets; used by build.mjs, and by size.mjs to see what a part really weighs. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
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
  // The others are mostly libraries: their property names are not ours to know, and their names have been given already.
  const isFirstLoad = /src.(index|script)/.test(input);
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
    format: isFirstLoad ? 'esm' : format,
    sourcemap: true,
    paths: (id) =>
      /recorder.index\.js$/.test(id) ? './recorder.js' : id.replace(/^.*src.index\.js$/, './index.js'),
    minify: {
      compress: { target: TARGET },
      ...(isFirstLoad
        ? { mangle: false, mangleProps: { include: PRIVATE_PROPERTIES } }
        : { mangle: { toplevel: true } }),
    },
  });
  await build.close();
  return isFirstLoad ? smallest(output[0], file, format) : smaller(output[0], file, format === 'esm', true);
}

/** What every run of terser is told. */
const settings = (map, file) => ({
  ecma: ECMA,
  sourceMap: { content: map, filename: file, url: `${file}.map` },
});

/** The second run still finds what the first has left open; a third finds nothing. */
const RUNS = 2;

/** Takes off what rolldown's own minifier leaves: about 2 %, since terser looks at a whole file several times. */
async function smaller(built, file, module, mangle) {
  let { code, map } = built;
  for (let run = 0; run < RUNS; run += 1) {
    ({ code, map } = await minify(code, {
      ...settings(map, file),
      module,
      toplevel: true,
      mangle,
      compress: {
        passes: 6,
        pure_getters: true,
        hoist_funs: true,
        unsafe_arrows: true,
        unsafe_comps: true,
        unsafe_methods: true,
      },
    }));
  }
  return { code, map };
}

/** Names that terser gives inside of functions first; what belongs to the whole file gets none of them. */
const LOCAL_NAMES = 'etnroiaslcdufhm';

/**
 * Names come last: those inside of functions before those of the whole file, so that the same words of two functions
 * mostly have the same names. Then the functions are put in order. What becomes a script is a module until then.
 */
async function smallest(built, file, format) {
  let { code, map } = await smaller(built, file, true, false);
  for (const options of [{}, { module: true, mangle: { reserved: [...LOCAL_NAMES] } }])
    ({ code, map } = await minify(code, { ...settings(map, file), compress: false, ...options }));
  const asTree = { compress: false, mangle: false, format: { ast: true, code: false } };
  const { ast } = await minify(code, asTree);
  ast.body = inOrder(ast.body);
  const enclose = format === 'iife';
  return minify(ast, { ...settings(map, file), compress: false, mangle: false, enclose });
}

/** More tries find less and less: 600 of them 150 bytes of index.js, these 40 more, 3,000 another 20. */
const TRIES = 1800;

/**
 * Functions in an order in which gzip finds most of them said before; where they stand means nothing. Each try moves
 * one, and is kept if nothing is lost by it. What is moved where is the same in each build.
 */
function inOrder(statements) {
  const [functions, rest] = [true, false].map((wanted) =>
    statements.filter(({ TYPE }) => (TYPE === 'Defun') === wanted),
  );
  const text = new Map(statements.map((each) => [each, each.print_to_string()]));
  const weigh = (all) =>
    gzipSync([...all, ...rest].map((each) => text.get(each)).join(''), { level: 9 }).length;
  let best = functions;
  let least = weigh(best);
  // https://en.wikipedia.org/wiki/Lehmer_random_number_generator
  let drawn = 1;
  const draw = (below) => {
    drawn = (drawn * 16_807) % 0x7fff_ffff;
    return drawn % below;
  };
  for (let at = 0; at < TRIES && best.length > 1; at += 1) {
    const tried = [...best];
    const moved = tried.splice(draw(best.length), 1);
    tried.splice(draw(best.length), 0, ...moved);
    const weight = weigh(tried);
    if (weight <= least) [best, least] = [tried, weight];
  }
  return [...best, ...rest];
}
