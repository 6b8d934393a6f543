/** Another site that gives a model away: it lets other sites read it, knows ranges, and can break off in the middle. */
import { createServer } from 'node:http';
import { once } from 'node:events';

export interface ModelHost {
  /** Of the first file. */
  readonly url: string;
  /** From which byte on each request asked. */
  readonly asked: number[];
  close(): void;
}

/** @param breaksAfter of each answer that many bytes are sent before the connection is cut, as often as `breaks` says */
export async function startModelHost(
  files: Readonly<Record<string, Uint8Array>>,
  { breaks = 0, breaksAfter = 0 }: { readonly breaks?: number; readonly breaksAfter?: number } = {},
): Promise<ModelHost> {
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const bytes = files[(request.url ?? '').slice(1)];
    if (bytes === undefined) {
      response.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end();
      return;
    }
    // The browser's own cache may add an end.
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    asked.push(from);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'Access-Control-Allow-Origin': '*',
      'Last-Modified': 'Mon, 01 Jun 2026 12:00:00 GMT',
      'Content-Length': rest.length,
      ...(from > 0 ? { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (asked.length > breaks) {
      response.end(rest);
      return;
    }
    response.write(rest.subarray(0, breaksAfter), () => setTimeout(() => response.destroy(), 100));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const [first = ''] = Object.keys(files);
  return { url: `http://127.0.0.1:${address.port}/${first}`, asked, close: () => server.close() };
}
