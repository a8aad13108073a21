import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { firstPageBudget } from './plugins/first_page_budget.ts';
import { preloads } from './plugins/preloads.ts';
import { replayFrameRoute } from './plugins/replay_frame_route.ts';

/** Where the server looks for the built UI; inside the Python package, so that a wheel carries it. */
export const OUT_DIR = fileURLToPath(new URL('../server/src/diptych_server/static/ui', import.meta.url));

/** What every page draws with, in two files: split by who uses what of it, it would be a score of small ones. */
const LIBRARIES = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
  {
    name: 'libraries',
    test: /node_modules\/(@mantine|@floating-ui|@tanstack\/(react-router|router-core|history|react-store|store))\//,
  },
];

const SERVER_URL = process.env.DIPTYCH_DEV_SERVER ?? 'http://127.0.0.1:8400';

export default defineConfig({
  plugins: [
    react(),
    replayFrameRoute(),
    preloads({ chunk: 'app', font: 'inter-latin-standard' }),
    firstPageBudget({ chunks: ['app', 'OverviewPage'], maxGzipBytes: 250_000 }),
  ],
  build: {
    outDir: OUT_DIR,
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: LIBRARIES } } },
  },
  server: {
    port: 5173,
    proxy: { '/api': SERVER_URL, '/health': SERVER_URL },
  },
});
