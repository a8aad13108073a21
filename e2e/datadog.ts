import { execFileSync, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PYTHON = join(ROOT, '.venv/bin/python');
const START_TIMEOUT_MS = 60_000;

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

export interface Running {
  url: string;
  /** All that it printed and logged. */
  log(): string;
  stop(): Promise<void>;
}

/** Serves the test page and, as `/datadog-rum-<major>/…`, the files of the real npm packages. */
export async function startPages(): Promise<Running> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const folder = path.startsWith('/datadog-rum-') ? 'node_modules' : 'e2e/pages/datadog';
    const file = join(ROOT, folder, path === '/' ? 'index.html' : path);
    const stream = createReadStream(file);
    stream.once('error', () => response.writeHead(404).end());
    stream.once('open', () => {
      // The profiler of the SDK starts only on pages that allow it.
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'document-policy': 'js-profiling' });
      stream.pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => '',
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The stand-in of the Anthropic API that the demo ships. */
export function startModel(): Promise<Running> {
  return start(['-m', 'concierge.offline_model', '--port', '0', '--speed', '0'], {
    PYTHONPATH: join(ROOT, 'examples'),
  });
}

export type AgentClient = 'ddtrace' | 'diptych' | 'opentelemetry';

/** An agent with one of the clients, pointed at Diptych by its environment alone. */
export function startAgent(
  client: AgentClient,
  server: string,
  key: string,
  model: Running,
): Promise<Running> {
  const pointed: Record<AgentClient, Record<string, string>> = {
    ddtrace: { DD_TRACE_AGENT_URL: `${server}/k/${key}` },
    diptych: { DIPTYCH_URL: server, DIPTYCH_KEY: key },
    opentelemetry: {
      OTEL_EXPORTER_OTLP_ENDPOINT: server,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${key}`,
      OTEL_SERVICE_NAME: 'tent-agent',
    },
  };
  return start([join(ROOT, `e2e/agents/${client}_agent.py`)], {
    ...pointed[client],
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'of the stand-in',
  });
}

/** A new key of the default project of the server that the tests run against. */
export function createKey(kind: 'client' | 'server' | 'read'): string {
  return diptych('keys', 'create', kind);
}

/** A sign-in link that works once. */
export function signInLink(): string {
  return diptych('link');
}

function diptych(...command: string[]): string {
  const data = process.env.DIPTYCH_E2E_DATA ?? '';
  return execFileSync(join(ROOT, '.venv/bin/diptych'), [...command, '--data', data], {
    encoding: 'utf8',
  }).trim();
}

async function start(command: string[], environment: Record<string, string>): Promise<Running> {
  const child = spawn(PYTHON, ['-u', ...command], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = () => reject(new Error(`${command.join(' ')} did not start:\n${printed}`));
    const timer = setTimeout(fail, START_TIMEOUT_MS);
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /listens on (http:\S+)/.exec(printed);
      if (found?.[1]) {
        clearTimeout(timer);
        resolve(found[1]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', fail);
  });
  return {
    url,
    log: () => printed,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
