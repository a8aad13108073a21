/** One file out of one entry, as small as it gets; used by build.mjs, and by size.mjs to see what a part really weighs. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    : smaller(output[0], file, { module: format === 'esm', mangle: true });
}

/** How a file is made: this one, and the versions of what it uses. */
const RECIPE = [fileURLToPath(import.meta.url), join(here, '../../package-lock.json')].map((path) =>
  readFileSync(path, 'utf8'),
);

/** What every run of terser is told. */
const settings = (map, file) => ({
  ecma: ECMA,
  sourceMap: { content: map, filename: file, url: `${file}.map` },
});

/** The second run still finds what the first has left open; a third finds nothing. */
const RUNS = 2;

/** Takes off what rolldown's own minifier leaves: about 2 %, since terser looks at a whole file several times. */
async function smaller(built, file, { module, mangle, reduce_funcs = true }) {
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
        reduce_funcs,
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
/** Names that terser has given are shorter. */
const MAX_SHORT = 3;

/**
 * Names come last: those inside of functions before those of the whole file, so that the same words of two functions
 * mostly have the same names. Then the functions are put in order, and short names are exchanged. What becomes a script
 * is a module until then. The search takes a minute: what was made is kept until the code, or the recipe, becomes
 * another.
 */
async function smallest(built, file, format, properties) {
  const kept = join(here, 'node_modules/.cache', `${file}.json`);
  const key = createHash('sha256')
    .update(JSON.stringify([RECIPE, built.code, built.map, properties]))
    .digest('hex');
  if (existsSync(kept)) {
    const latest = JSON.parse(readFileSync(kept, 'utf8'));
    if (latest.key === key) return latest.made;
  }
  const made = await search(built, file, format, properties);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ key, made }));
  return made;
}

async function search(built, file, format, properties) {
  // A function in its one place is parsed again with each that it stands in: `init` took 2 ms longer for 150 bytes.
  let { code, map } = await smaller(built, file, { module: true, mangle: false, reduce_funcs: false });
  for (const options of [{}, { module: true, mangle: { reserved: [...LOCAL_NAMES] } }])
    ({ code, map } = await minify(code, { ...settings(map, file), compress: false, ...options }));
  const asTree = { compress: false, mangle: false, format: { ast: true, code: false } };
  const { ast } = await minify(code, asTree);
  ast.body = bestOf(ast, properties);
  const enclose = format === 'iife';
  ({ code, map } = await minify(ast, { ...settings(map, file), compress: false, mangle: false, enclose }));
  return { code, map };
}

/** 9,000 leave 85 bytes more in each of the two files. */
const TRIES = 20_000;

/**
 * The statements of a file, with functions in an order, and variables and properties by names, of which gzip finds most
 * said before; where a function stands means nothing. Each try moves a function or exchanges two names everywhere, and is
 * kept if nothing is lost by it. What is tried is the same in each build.
 */
function bestOf(ast, properties) {
  const places = placesOf(ast, properties);
  const [functions, rest] = [true, false].map((wanted) =>
    ast.body.filter(({ TYPE }) => (TYPE === 'Defun') === wanted),
  );
  /** Names that may be exchanged for one another: from one kind's first to the next one's. */
  let names = [...new Set(places.map(({ kind, name }) => `${kind}${name}`))].sort();
  const first = names.filter((each) => each.startsWith('p')).length;
  const kinds = [
    [0, first],
    [first, names.length],
  ].filter(([from, to]) => from < to);
  const numbers = new Map(names.map((each, at) => [each, at]));
  names = names.map((each) => each.slice(1));
  // Each as its number, in the place of its name.
  for (const { node, key, kind, name } of places) node[key] = `$$${numbers.get(kind + name)}$$`;
  const parts = new Map(ast.body.map((each) => [each, each.print_to_string().split(/\$\$(\d+)\$\$/)]));
  const textOf = (each, names) =>
    parts
      .get(each)
      .map((part, at) => (at % 2 ? names[part] : part))
      .join('');
  /** Those in which a name stands. */
  const saying = names.map((_, number) =>
    ast.body.filter((each) => parts.get(each).some((part, at) => at % 2 && Number(part) === number)),
  );
  const weigh = (order, texts) =>
    gzipSync([...order, ...rest].map((each) => texts.get(each)).join(''), { level: 7 }).length;
  let order = functions;
  let texts = new Map(ast.body.map((each) => [each, textOf(each, names)]));
  let least = weigh(order, texts);
  // https://en.wikipedia.org/wiki/Lehmer_random_number_generator
  let drawn = 12;
  const draw = (from, to) => {
    drawn = (drawn * 16_807) % 0x7fff_ffff;
    return from + (drawn % (to - from));
  };
  for (let at = 0; at < TRIES; at += 1) {
    const kind = kinds[at % 3];
    const tried = { order, names, texts };
    if (kind) {
      const [one, other] = [draw(...kind), draw(...kind)];
      tried.names = names.with(one, names[other]).with(other, names[one]);
      tried.texts = new Map(texts);
      for (const each of [...saying[one], ...saying[other]]) tried.texts.set(each, textOf(each, tried.names));
    } else if (order.length) {
      const from = draw(0, order.length);
      tried.order = order.toSpliced(from, 1).toSpliced(draw(0, order.length), 0, order[from]);
    }
    const weight = weigh(tried.order, tried.texts);
    if (weight <= least) ({ order, names, texts, least } = { ...tried, least: weight });
  }
  for (const { node, key, kind, name } of places) node[key] = names[numbers.get(kind + name)];
  return [...order, ...rest];
}

/** Where a file says a shortened name: of a property (`it.name`, `{ name: … }`), or of a variable of its own. */
function placesOf(ast, properties) {
  const places = [];
  const declared = new Set();
  ast.walk({
    _visit(node, descend) {
      const { TYPE } = node;
      if (/^Symbol(?!Method|ClassProperty|\w*Foreign)/.test(TYPE)) {
        if (!/Ref$|Export$/.test(TYPE)) declared.add(node.name);
        places.push({ node, key: 'name', kind: 'v', name: node.name });
      }
      // The names of methods are nodes of their own.
      else
        for (const key of TYPE === 'SymbolMethod' ? ['name'] : ['property', 'key'])
          if (properties.includes(node[key])) places.push({ node, key, kind: 'p', name: node[key] });
      descend?.call(node);
    },
  });
  return places.filter(({ kind, name }) => kind === 'p' || (declared.has(name) && name.length < MAX_SHORT));
}
