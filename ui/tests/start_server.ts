import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIPTYCH =
  process.env.DIPTYCH_COMMAND ?? fileURLToPath(new URL('../../.venv/bin/diptych', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A server of its own, on a free port and an empty folder. */
export interface Running {
  origin: string;
  data: string;
  /** What `diptych` prints for these arguments, about this server's folder. */
  command: (...args: string[]) => string;
  /** Ends it and removes its folder. */
  stop: () => Promise<void>;
}

/** Starts `diptych serve` and waits until it is healthy. */
export async function serve(): Promise<Running> {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'diptych-ui-'));
  const server = spawn(DIPTYCH, ['serve', '--port', `${port}`, '--data', data], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([untilHealthy(origin), early(server)]);
  return {
    origin,
    data,
    command: (...args) => execFileSync(DIPTYCH, [...args, '--data', data], { encoding: 'utf8' }).trim(),
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

function early(server: ChildProcess): Promise<never> {
  return new Promise((_, reject) =>
    server.once('exit', (code) => reject(new Error(`the server ended (${code}); its message is above`))),
  );
}

async function untilHealthy(origin: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${origin}/health`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the server did not answer at ${origin} within ${START_TIMEOUT_MS} ms`);
}
