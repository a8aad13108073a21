import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

type Chunk = { type: 'chunk'; fileName: string; isEntry: boolean; imports: string[]; code: string };

/**
 * Prints what a first visit must download in JavaScript (the entry with its static imports, then the first
 * page's own chunks) and fails the build above `maxGzipBytes`.
 */
export function firstPageBudget(options: { maxGzipBytes: number }): Plugin {
  return {
    name: 'diptych:first-page-budget',
    apply: 'build',
    writeBundle(_, bundle) {
      const chunks = new Map<string, Chunk>();
      for (const output of Object.values(bundle))
        if (output.type === 'chunk') chunks.set(output.fileName, output as Chunk);
      const needed = new Set<string>();
      for (const chunk of chunks.values()) {
        if (chunk.isEntry || chunk.fileName.includes('SessionsPage')) collect(chunk.fileName, chunks, needed);
      }
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
