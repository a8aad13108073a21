import type { HtmlTagDescriptor, Plugin } from 'vite';

/**
 * Lets the browser fetch, beside the entry, what the entry will import in any case: the chunk called `chunk`, with
 * its static imports and style sheets, and the font of most of its words.
 */
export function preloads(options: { chunk: string; font: string }): Plugin {
  return {
    name: 'diptych:preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const [code, styles] = [new Set<string>(), new Set<string>()];
        const add = (fileName: string) => {
          const output = bundle[fileName];
          if (output?.type !== 'chunk' || output.isEntry || code.has(fileName)) return;
          code.add(fileName);
          for (const style of output.viteMetadata?.importedCss ?? []) styles.add(style);
          for (const imported of output.imports) add(imported);
        };
        const outputs = Object.values(bundle);
        const start = outputs.find((output) => output.type === 'chunk' && output.name === options.chunk);
        const font = outputs.find(({ fileName }) => fileName.includes(options.font));
        if (!start || !font) throw new Error(`preloads: no ${options.chunk} or no ${options.font} was built`);
        add(start.fileName);
        return [
          ...[...code].map((name) => link({ rel: 'modulepreload', crossorigin: true, href: `/${name}` })),
          link({ rel: 'preload', as: 'font', crossorigin: true, href: `/${font.fileName}` }),
          ...[...styles].map((name) => link({ rel: 'stylesheet', crossorigin: true, href: `/${name}` })),
        ];
      },
    },
  };
}

function link(attrs: NonNullable<HtmlTagDescriptor['attrs']>): HtmlTagDescriptor {
  return { tag: 'link', attrs, injectTo: 'head' };
}
