import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { accept, Socket } from './socket';

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** An answer that has left may not have been seen by a busy page for this long. */
const ANSWER_TRAVELS_MS = 1000;

/** Ports that tests may use, so that two runs on one machine can be kept apart. */
const FIRST_PORT = Number(process.env.DIPTYCH_TEST_PORT ?? 18500);
const PORTS = Number(process.env.DIPTYCH_TEST_PORTS ?? 50);

// biome-ignore lint/suspicious/noExplicitAny: assertions read events by path, and a wrong path fails them
export type Json = Record<string, any>;

/** A request as it came over the wire. */
export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Inflated. */
  body: string;
  atMs: number;
  /** When our answer had left; absent while it has not. */
  answeredMs?: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>;

/** A local HTTP server: the page's own, and the network peer of the SDK, which keeps all it receives. */
export class Peer {
  readonly received: Received[] = [];
  /** How the intake answers; undefined breaks the connection. */
  status: number | undefined = 202;
  answerHeaders: Record<string, string> = {};
  /** How long the intake takes to answer. */
  answerAfterMs = 0;
  /** What was on its way when a page was left is kept, and sent again by the next page, however long that takes. */
  mayRepeat = false;
  /** Requests to the intake that were not accepted. */
  refused = 0;
  /** When the latest of them came, in epoch milliseconds. */
  refusedMs = 0;
  /** What is done with each text that comes by a WebSocket. */
  onSocketText: (text: string, socket: Socket) => void | Promise<void> = () => undefined;
  private readonly streams = new Set<Duplex>();
  private readonly routes = new Map<string, Handler>();
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<Peer> {
    for (let attempt = 0; ; attempt += 1) {
      const server = createServer();
      const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
      try {
        await listen(server, port);
      } catch (error) {
        if (attempt > 200) throw error;
        continue;
      }
      const peer = new Peer(server, port);
      server.on('request', (request, response) => void peer.serve(request, response));
      server.on('upgrade', (request, stream) => peer.upgrade(request, stream));
      return peer;
    }
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  on(path: string, handler: Handler): void {
    this.routes.set(path, handler);
  }

  html(path: string, html: string, headers: Record<string, string> = {}): void {
    this.on(path, (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(html);
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    for (const stream of this.streams) stream.destroy();
    await new Promise((done) => this.server.close(done));
  }

  /**
   * RUM events that arrived, in order. A line that comes again is an error, but for one case: its request had no
   * answer yet. Browsers fail what is on its way when a page is left, and it cannot be known whether it has arrived.
   */
  events(type?: string): Json[] {
    const first = new Map<string, Received>();
    for (const each of this.received.filter(({ path }) => path === '/v1/rum'))
      for (const line of each.body.split('\n')) {
        const { answeredMs = each.atMs } = first.get(line) ?? {};
        if (!this.mayRepeat && each.atMs - answeredMs > ANSWER_TRAVELS_MS)
          throw new Error(`sent twice: ${line}`);
        if (!first.has(line)) first.set(line, each);
      }
    return [...first.keys()]
      .map((line) => JSON.parse(line) as Json)
      .filter((event) => type === undefined || event.type === type);
  }

  /** Replay segments that arrived: header and records. */
  segments(): { header: Json; records: Json[] }[] {
    return this.received
      .filter((each) => each.path === '/v1/replay')
      .map((each) => {
        const [header, ...records] = each.body.split('\n').map((line) => JSON.parse(line) as Json);
        return { header: header as Json, records };
      });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the page went away in the middle of its request
    }
    const raw = Buffer.concat(chunks);
    const body = (url.searchParams.get('encoding') === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const handler = this.routes.get(url.pathname);
    if (url.pathname.startsWith('/v1/')) {
      const kept = this.status === 202 ? this.keep(request, url, body) : undefined;
      if (!kept) {
        this.refused += 1;
        this.refusedMs = Date.now();
      }
      if (this.status === undefined) return void request.socket.destroy();
      if (kept) {
        await new Promise((done) => setTimeout(done, this.answerAfterMs));
        response.on('finish', () => {
          kept.answeredMs = Date.now();
        });
      }
      response
        .writeHead(this.status, { 'Access-Control-Allow-Origin': '*', ...this.answerHeaders })
        .end('{}');
      return;
    }
    this.keep(request, url, body);
    if (handler) return void (await handler(request, response, body));
    if (url.pathname.startsWith('/sdk/')) return serveSdk(url.pathname.slice(5), response);
    response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
  }

  private upgrade(request: IncomingMessage, stream: Duplex): void {
    this.keep(request, new URL(request.url ?? '/', this.origin), '');
    accept(request, stream);
    this.streams.add(stream);
    new Socket(stream, (text, socket) => void this.onSocketText(text, socket));
  }

  private keep(request: IncomingMessage, url: URL, body: string): Received {
    const { method = '', headers } = request;
    const received: Received = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body,
      atMs: Date.now(),
    };
    this.received.push(received);
    return received;
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server.address() as AddressInfo));
  });
}

function serveSdk(name: string, response: ServerResponse): void {
  try {
    const code = readFileSync(join(DIST, name));
    response
      .writeHead(200, {
        'Content-Type': 'text/javascript; charset=utf-8',
        'Access-Control-Allow-Origin': '*',
      })
      .end(code);
  } catch {
    response.writeHead(404).end();
  }
}
