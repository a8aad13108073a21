import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { sealedDocument } from './plugins/sealed_document.ts';
import { OUT_DIR } from './vite.config.ts';

/** The second document of the UI: the replay, sealed in one file with a policy of its own. */
export default defineConfig({
  publicDir: false,
  plugins: [sealedDocument({ document: 'replay-frame.html', policy: 'replay-frame.csp' })],
  build: {
    outDir: OUT_DIR,
    emptyOutDir: false,
    modulePreload: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    rollupOptions: { input: fileURLToPath(new URL('replay-frame.html', import.meta.url)) },
  },
});
