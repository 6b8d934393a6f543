/**
 * A camera that speaks RTSP, for tests: ffmpeg paints and packs the pictures, this hands them out over RTSP (RFC 2326).
 * It speaks as much as a client needs that asks for TCP, and refuses UDP, so a feed that forgot to ask fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';

export interface RtspCamera {
  readonly url: string;
  /** Requests so far, by method. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startRtspCamera(): Promise<RtspCamera> {
  const packets = createSocket('udp4');
  await new Promise<void>((done) => packets.bind(0, '127.0.0.1', done));
  const { child, description } = await paint(packets.address().port);
  const asked: string[] = [];
  const playing = new Set<Socket>();
  packets.on('message', (packet) => {
    // Types 200 to 204 are RTCP; a reader can do without.
    const type = packet[1] ?? 0;
    if (type >= 200 && type <= 204) return;
    const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]);
    for (const socket of playing) socket.write(Buffer.concat([head, packet]));
  });
  const server = createServer((socket) => {
    let text = '';
    readToTheEnd(socket, () => playing.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => playing.delete(socket));
    socket.on('data', (data: Buffer) => {
      // A reader's reports come in between, framed by a $; none of their bytes looks like a whole request.
      text += data.toString('latin1');
      for (;;) {
        const request = /([A-Z_]+) rtsp:\S+ RTSP\/1\.0\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(text);
        if (request === null) return;
        text = text.slice(request.index + request[0].length);
        const [, method = '', headers = ''] = request;
        asked.push(method);
        socket.write(answer(method, headers, description));
        if (method === 'PLAY') playing.add(socket);
        if (method === 'TEARDOWN') playing.delete(socket);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The camera has no port.');
  return {
    url: `rtsp://127.0.0.1:${address.port}/live`,
    asked,
    async close() {
      for (const socket of playing) socket.destroy();
      const ended = new Promise<void>((done) => child.once('close', () => done()));
      child.kill('SIGKILL');
      await ended;
      packets.close();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/**
 * A reader that leaves says TEARDOWN and closes at once, so a packet that is written before the goodbye is read fails, and
 * Node would destroy the socket with the goodbye unread. Here a failed write ends the writing only.
 */
function readToTheEnd(socket: Socket, onDeaf: () => void): void {
  type Done = (error?: Error | null) => void;
  const forgiving =
    (done: Done): Done =>
    (error) => {
      if (error) onDeaf();
      done();
    };
  const { _write, _writev } = socket;
  socket._write = (chunk, encoding, done) => _write.call(socket, chunk, encoding, forgiving(done));
  socket._writev = (chunks, done) => _writev?.call(socket, chunks, forgiving(done));
}

function answer(method: string, headers: string, description: string): string {
  const order = /^CSeq: *(\d+)/im.exec(headers)?.[1] ?? '0';
  const reply = (status: string, lines: readonly string[] = [], body = '') =>
    [`RTSP/1.0 ${status}`, `CSeq: ${order}`, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
  switch (method) {
    case 'OPTIONS':
      return reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
    case 'DESCRIBE':
      return reply('200 OK', ['Content-Type: application/sdp'], description);
    case 'SETUP':
      if (!/^Transport:.*RTP\/AVP\/TCP/im.test(headers)) return reply('461 Unsupported Transport');
      return reply('200 OK', ['Session: 1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
    default:
      return reply('200 OK', ['Session: 1']);
  }
}

/** ffmpeg's test picture as RTP at a port of ours, and the description (SDP) that it prints. */
async function paint(port: number): Promise<{ child: ChildProcess; description: string }> {
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25'],
      ...['-c:v', 'mpeg2video', '-g', '5', '-q:v', '5', '-sdp_file', 'pipe:1'],
      ...['-f', 'rtp', `rtp://127.0.0.1:${port}?rtcpport=${port}`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const description = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += String(text);
      if (/^m=video/m.test(said)) resolve(said);
    });
    child.once('close', () => reject(new Error(`ffmpeg gave no description: ${said}`)));
  });
  return { child, description };
}
