import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Makes an HTML entry one self-contained file and writes the Content-Security-Policy to serve it with.
 *
 * The policy names the one script by its hash, so nothing else can ever run there: not a recorded script, not
 * an inline handler, not another file of the same origin. Nothing may be fetched; pictures and fonts only from
 * the recording itself. `about:blank` frames (which rrweb writes into) need no frame-src.
 */
export function sealedDocument(options: { document: string; policy: string }): Plugin {
  return {
    name: 'diptych:sealed-document',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle[options.document];
      if (page?.type !== 'asset') throw new Error(`no ${options.document} in the bundle`);
      let code = '';
      let styles = '';
      for (const [name, output] of Object.entries(bundle)) {
        if (output.type === 'chunk') code += output.code;
        else if (name.endsWith('.css')) styles += String(output.source);
        if (name !== options.document) delete bundle[name];
      }
      const script = code.replaceAll('</script', '<\\/script').trim();
      page.source = String(page.source)
        .replace(/\s*<script[^>]*><\/script>/g, '')
        .replace(/\s*<link[^>]*stylesheet[^>]*>/g, '')
        .replace('</head>', () => `  <style>${styles.trim()}</style>\n  </head>`)
        .replace('</body>', () => `  <script>${script}</script>\n  </body>`);
      this.emitFile({ type: 'asset', fileName: options.policy, source: policyFor(script) });
      console.log(`${options.document}: ${(gzipSync(page.source).length / 1000).toFixed(1)} kB gzip, sealed`);
    },
  };
}

function policyFor(script: string): string {
  const hash = createHash('sha256').update(script, 'utf8').digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'media-src data: blob:',
    "connect-src 'none'",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    // rrweb must reach into the inner frame it builds, hence an origin; scripts there are off by its own sandbox.
    'sandbox allow-scripts allow-same-origin',
  ].join('; ');
}
