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
  const { output, mangleCache } = await build.generate({
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
  return isFirstLoad
    ? smallest(output[0], file, format, Object.values(mangleCache))
    : smaller(output[0], file, format === 'esm', true);
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
 * mostly have the same names. Then the functions are put in order, and the shortened property names are exchanged.
 * What becomes a script is a module until then.
 */
async function smallest(built, file, format, properties) {
  let { code, map } = await smaller(built, file, true, false);
  for (const options of [{}, { module: true, mangle: { reserved: [...LOCAL_NAMES] } }])
    ({ code, map } = await minify(code, { ...settings(map, file), compress: false, ...options }));
  const asTree = { compress: false, mangle: false, format: { ast: true, code: false } };
  const { ast } = await minify(code, asTree);
  ast.body = bestOf(ast, properties);
  const enclose = format === 'iife';
  return minify(ast, { ...settings(map, file), compress: false, mangle: false, enclose });
}

/** 3,000 find 40 bytes less in index.js, 8,000 another 30. */
const TRIES = 6000;

/**
 * The statements of a file, with functions in an order, and properties by names, of which gzip finds most said before;
 * where a function stands means nothing. Each try moves a function or exchanges two names, and is kept if nothing is
 * lost by it. What is tried is the same in each build.
 */
function bestOf(ast, properties) {
  const places = placesOf(ast, properties);
  const [functions, rest] = [true, false].map((wanted) =>
    ast.body.filter(({ TYPE }) => (TYPE === 'Defun') === wanted),
  );
  // Each property as its number, in the place of its name.
  for (const { node, key, at } of places) node[key] = `$$${at}$$`;
  const texts = new Map(ast.body.map((each) => [each, each.print_to_string().split(/\$\$(\d+)\$\$/)]));
  const weigh = (order, names) => {
    const text = [...order, ...rest].map((each) =>
      texts
        .get(each)
        .map((part, at) => (at % 2 ? names[part] : part))
        .join(''),
    );
    return gzipSync(text.join(''), { level: 7 }).length;
  };
  let [order, names] = [functions, properties];
  let least = weigh(order, names);
  // https://en.wikipedia.org/wiki/Lehmer_random_number_generator
  let drawn = 1;
  const draw = (below) => {
    drawn = (drawn * 16_807) % 0x7fff_ffff;
    return drawn % below;
  };
  for (let at = 0; at < TRIES; at += 1) {
    const tried = [[...order], [...names]];
    if (at % 2) {
      const moved = tried[0].splice(draw(order.length), 1);
      tried[0].splice(draw(order.length), 0, ...moved);
    } else {
      const [one, other] = [draw(names.length), draw(names.length)];
      [tried[1][one], tried[1][other]] = [names[other], names[one]];
    }
    const weight = weigh(...tried);
    if (weight <= least) [[order, names], least] = [tried, weight];
  }
  for (const { node, key, at } of places) node[key] = names[at];
  return [...order, ...rest];
}

/** Where a file says one of these properties: `it.name`, `{ name: … }`. */
function placesOf(ast, properties) {
  const places = [];
  ast.walk({
    _visit(node, descend) {
      // The names of methods are nodes of their own.
      for (const key of node.TYPE === 'SymbolMethod' ? ['name'] : ['property', 'key']) {
        const at = properties.indexOf(node[key]);
        if (at >= 0) places.push({ node, key, at });
      }
      descend?.call(node);
    },
  });
  return places;
}
