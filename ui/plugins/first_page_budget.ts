import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

type Chunk = {
  type: 'chunk';
  fileName: string;
  name: string;
  isEntry: boolean;
  imports: string[];
  code: string;
};

/**
 * Prints what a first visit must download in JavaScript (the entry, and the chunks that it loads for the page to
 * which the home leads, with their static imports) and fails the build above `maxGzipBytes`.
 */
export function firstPageBudget(options: { chunks: string[]; maxGzipBytes: number }): Plugin {
  return {
    name: 'diptych:first-page-budget',
    apply: 'build',
    writeBundle(_, bundle) {
      const chunks = new Map<string, Chunk>();
      for (const output of Object.values(bundle))
        if (output.type === 'chunk') chunks.set(output.fileName, output as Chunk);
      const needed = new Set<string>();
      const starts = [...chunks.values()].filter(
        (chunk) => chunk.isEntry || options.chunks.includes(chunk.name),
      );
      if (starts.length <= options.chunks.length) this.error(`first page: not all of ${options.chunks}`);
      for (const chunk of starts) collect(chunk.fileName, chunks, needed);
      let gzipBytes = 0;
      for (const name of needed) gzipBytes += gzipSync(chunks.get(name)?.code ?? '').length;
      const figure = `first page: ${(gzipBytes / 1000).toFixed(1)} kB gzip of JavaScript in ${needed.size} files (at most ${options.maxGzipBytes / 1000})`;
      if (gzipBytes > options.maxGzipBytes) this.error(figure);
      console.log(figure);
    },
  };
}

function collect(name: string, chunks: Map<string, Chunk>, into: Set<string>): void {
  const chunk = chunks.get(name);
  if (!chunk || into.has(name)) return;
  into.add(name);
  for (const imported of chunk.imports) collect(imported, chunks, into);
}
