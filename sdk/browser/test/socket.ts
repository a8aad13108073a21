import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

/** The server's end of a WebSocket, as far as the tests need it: short texts (under 64 KiB), no fragments. */
export class Socket {
  constructor(
    private readonly stream: Duplex,
    onText: (text: string, socket: Socket) => void,
  ) {
    let kept: Buffer = Buffer.alloc(0);
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => {
      kept = Buffer.concat([kept, data]);
      for (let frame = take(kept); frame; frame = take(kept)) {
        kept = frame.rest;
        if (frame.opcode === CLOSE) return void stream.end(Buffer.from([CLOSE, 0]));
        if (frame.opcode === TEXT) onText(frame.text, this);
      }
    });
  }

  send(text: string): void {
    const body = Buffer.from(text);
    const head = body.length < 126 ? [TEXT, body.length] : [TEXT, 126, body.length >> 8, body.length & 255];
    this.stream.write(Buffer.concat([Buffer.from(head), body]));
  }

  /** Breaks the connection without a word. */
  break(): void {
    this.stream.destroy();
  }
}

/** Answers the handshake. */
export function accept(request: IncomingMessage, stream: Duplex): void {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
}

/** The first whole frame of a client (masked: section 5.3), and what follows it. */
function take(from: Buffer): { opcode: number; text: string; rest: Buffer } | undefined {
  if (from.length < 6) return undefined;
  const short = (from[1] ?? 0) & 127;
  const head = short === 126 ? 4 : 2;
  const length = short === 126 ? from.readUInt16BE(2) : short;
  if (from.length < head + 4 + length) return undefined;
  const mask = from.subarray(head, head + 4);
  const body = from.subarray(head + 4, head + 4 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return { opcode: from[0] ?? 0, text: Buffer.from(body).toString(), rest: from.subarray(head + 4 + length) };
}
