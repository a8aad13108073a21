import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 90_000;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Start what `make demo` starts, on free ports and a fresh folder; tests read where from the environment. */
export default async function startDemo(): Promise<() => Promise<void>> {
  const [port, shopPort] = [await freePort(), await freePort()];
  const data = await mkdtemp(join(tmpdir(), 'diptych-e2e-'));
  const command = join(ROOT, '.venv/bin/python');
  const demo = spawn(
    command,
    ['examples/demo.py', '--port', `${port}`, '--shop-port', `${shopPort}`, '--data', data],
    { cwd: ROOT, env: { ...process.env, CONCIERGE_SPEED: '3' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );

  let printed = '';
  const link = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the demo did not start:\n${printed}`)),
      START_TIMEOUT_MS,
    );
    demo.once('exit', (code) => reject(new Error(`the demo ended (${code}):\n${printed}`)));
    demo.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /Diptych\s+(http\S+)/.exec(printed);
      if (found?.[1] && printed.includes('Ctrl-C')) {
        clearTimeout(timer);
        resolve(found[1]);
      }
    });
  });
  demo.removeAllListeners('exit');
  process.env.DIPTYCH_E2E_SERVER = `http://127.0.0.1:${port}`;
  process.env.DIPTYCH_E2E_SHOP = `http://127.0.0.1:${shopPort}`;
  process.env.DIPTYCH_E2E_LINK = link;
  process.env.DIPTYCH_E2E_DATA = data;

  return async () => {
    const ended = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
}
