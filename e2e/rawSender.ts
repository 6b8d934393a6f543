/** A WebSocket server without a library, for frames that no library would send: it announces more than it has. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

export interface RawSender {
  readonly url: string;
  /** Connections so far. */
  connections(): number;
  /** What every connection gets from now on: the head of a binary message of `announced` bytes, and `bytes`. */
  answer(announced: bigint, bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** RFC 6455, section 1.3. */
const salt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export async function startRawSender(): Promise<RawSender> {
  let connections = 0;
  let reply = Buffer.alloc(0);
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    connections += 1;
    sockets.add(socket);
    // The browser hangs up in the middle of what it refuses.
    socket.on('error', () => socket.destroy());
    const key = `${request.headers['sec-websocket-key'] ?? ''}${salt}`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(reply);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The sender has no port.');
  return {
    url: `ws://127.0.0.1:${address.port}`,
    connections: () => connections,
    answer(announced, bytes) {
      reply = Buffer.concat([headOf(announced), bytes]);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** FIN and opcode 2 (binary), then the length in as few bytes as it takes: browsers refuse more. RFC 6455, section 5.2. */
function headOf(length: bigint): Buffer {
  if (length < 126n) return Buffer.from([0x82, Number(length)]);
  const short = length < 65_536n;
  const head = Buffer.from([0x82, short ? 126 : 127, ...new Uint8Array(short ? 2 : 8)]);
  if (short) head.writeUInt16BE(Number(length), 2);
  else head.writeBigUInt64BE(length, 2);
  return head;
}
