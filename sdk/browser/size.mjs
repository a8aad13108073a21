/**
 * Prints what each part of the first load weighs: `npm run size -w @diptych/browser`, after a build.
 * A part's gzip bytes are its share of the source map's characters, scaled to the file's gzip size.
 * With `-- --without`: what the whole file would be without it, its exports replaced by functions that do nothing; half a
 * minute for each part, or for those that are named after it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';

const dist = new URL('./dist/', import.meta.url);
const code = readFileSync(new URL('index.js', dist), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '');
const { sources, mappings } = JSON.parse(readFileSync(new URL('index.js.map', dist), 'utf8'));

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of one base64 VLQ segment (https://tc39.es/ecma426/#sec-base64-vlq). */
function numbers(segment) {
  const all = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = BASE64.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    all.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return all;
}

const lines = code.split('\n');
const bytes = new Map();
let source = 0;
mappings.split(';').forEach((line, row) => {
  let column = 0;
  let name;
  for (const segment of line.split(',').filter(Boolean)) {
    const [columnStep, sourceStep] = numbers(segment);
    if (name !== undefined) bytes.set(name, (bytes.get(name) ?? 0) + columnStep);
    column += columnStep;
    if (sourceStep !== undefined) source += sourceStep;
    name = sources[source].replace(/^(\.\.\/)*(node_modules\/)?/, '');
  }
  if (name !== undefined) bytes.set(name, (bytes.get(name) ?? 0) + (lines[row]?.length ?? 0) - column);
});

const gzip = gzipSync(code, { level: 9 }).byteLength;
const scale = gzip / code.length;
for (const [name, size] of [...bytes].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(size).padStart(6)}  ~${String(Math.round(size * scale)).padStart(5)} gzip  ${name}`);
}
console.log(`${String(code.length).padStart(6)}   ${String(gzip).padStart(5)} gzip  index.js`);

const [without, ...named] = process.argv.slice(2);
if (without === '--without') {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  console.log('\n gzip saved by leaving a part out');
  for (const name of named.length ? named : bytes.keys()) {
    const { code: rest } = await bundle({
      input: 'src/index.ts',
      file: 'index.js',
      format: 'esm',
      plugins: [emptied(folder + name)],
    });
    const saved = gzip - gzipSync(rest, { level: 9 }).byteLength;
    console.log(`${String(saved).padStart(6)}  ${name}`);
  }
}

/** A source file whose exports do nothing. */
function emptied(file) {
  const names = [
    ...readFileSync(file, 'utf8').matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm),
  ];
  return {
    name: 'emptied',
    load: (id) =>
      id === file ? names.map(([, name]) => `export const ${name} = () => undefined;`).join('\n') : null,
  };
}
