import { createServer } from 'node:net';

/** A host that must never hear from us: it counts connections, so that even an early handshake shows. */
export async function silentHost(): Promise<{
  origin: string;
  connections: () => number;
  close: () => void;
}> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { origin: `http://127.0.0.1:${port}`, connections: () => connections, close: () => server.close() };
}
