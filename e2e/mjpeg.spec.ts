/** MJPEG over HTTP as cameras send it: multipart responses, with and without lengths, that end, refuse and come back. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { demoFrame } from '../server/demoScene.ts';
import { expect, test } from './station.ts';

async function listen(answer: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream` };
}

const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Authorization' };
const stream = { ...open, 'Content-Type': 'multipart/x-mixed-replace; boundary=--weir' };

function part(index: number, withLength: boolean): Buffer {
  const image = demoFrame(index);
  const length = withLength ? `Content-Length: ${image.length}\r\n` : '';
  return Buffer.concat([Buffer.from(`--weir\r\nContent-Type: image/png\r\n${length}\r\n`), image, Buffer.from('\r\n')]);
}

for (const withLength of [true, false]) {
  test(`a stream ${withLength ? 'with' : 'without'} lengths of its parts is served, exactly as many as were sent`, async ({
    station,
  }) => {
    const { server, url } = await listen((_, response) => {
      response.writeHead(200, stream);
      for (let i = 0; i < 20; i++) response.write(part(i, withLength));
      // The part that is not finished is none: it has no end yet.
      response.write('--weir\r\nContent-Type: image/png\r\nContent-Length: 9999\r\n\r\nhalf');
    });
    try {
      await station.run('flow.policy=dropOldest&flow.capacity=1000');
      await station.configure({ source: { kind: 'mjpeg', url } });
      await station.page.evaluate(() => window.weir.start());
      const now = await station.until('all parts', (each) => each.sources['mjpeg']?.completed === 20);
      expect(now.sources['mjpeg']).toMatchObject({ offered: 20, failed: 0 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    station.complaints.splice(0);
  });
}

test('user and password open it, without them it says so; a camera that comes back is served again', async ({
  station,
}) => {
  const { server, url } = await listen((request, response) => {
    if (request.method === 'OPTIONS') response.writeHead(204, open).end();
    else if (request.headers.authorization !== `Basic ${Buffer.from('me:secret').toString('base64')}`)
      response.writeHead(401, open).end();
    else {
      response.writeHead(200, stream);
      response.write(part(0, true));
      // As a camera does that is switched off.
      setTimeout(() => response.destroy(), 100);
    }
  });
  try {
    await station.run();
    await station.configure({ source: { kind: 'mjpeg', url } });
    await station.page.evaluate(() => window.weir.start());
    const state = station.page.getByTestId('source-state');
    await expect(state).toContainText(/answers 401: it wants a user and a password/);
    expect((await station.snapshot()).error?.code).toBe('auth-failed');
    await station.configure({ source: { url: url.replace('//', '//me:secret@') } });
    await station.page.evaluate(() => window.weir.start());
    const now = await station.until('three connections', (each) => (each.sources['mjpeg']?.completed ?? 0) >= 3);
    expect(now.sources['mjpeg']?.failed).toBe(0);
    expect(await station.page.evaluate(() => location.hash)).not.toContain('secret');
    await station.configure({ source: { kind: 'scene', url: '' } });
    await station.goesOn();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  station.complaints.splice(0);
});

test('what is no stream, and a host that allows no other page, say so', async ({ station }) => {
  const page = await listen((_, response) =>
    response.writeHead(200, { ...open, 'Content-Type': 'text/html' }).end('<p>'),
  );
  const closed = await listen((_, response) =>
    response.writeHead(200, { 'Content-Type': stream['Content-Type'] }).end(),
  );
  try {
    await station.run();
    const state = station.page.getByTestId('source-state');
    await station.configure({ source: { kind: 'mjpeg', url: page.url } });
    await station.page.evaluate(() => window.weir.start());
    await expect(state).toContainText(/sends text\/html, not an MJPEG stream/);
    await station.configure({ source: { url: closed.url } });
    await station.page.evaluate(() => window.weir.start());
    await expect(state).toContainText(/does not allow pages of other hosts/);
    await station.configure({ source: { kind: 'scene', url: '' } });
    await station.page.evaluate(() => window.weir.start());
    await station.goesOn();
  } finally {
    page.server.close();
    closed.server.close();
  }
  station.complaints.splice(0);
});
