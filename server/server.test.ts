/** The host as a client sees it: headers on every response, the next free port, a feed of real images. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { imageFormatOf } from '../src/core/imageFormat.ts';
import { demoFrame, loopLength } from './demoScene.ts';
import { feedQuery, rateOf } from './feed.ts';
import { productionHeaders } from './headers.ts';
import { headersFile, headersFilePath } from './headersFile.ts';
import { type Host, startHost } from './host.ts';
import { portFrom } from './port.ts';

const hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

async function host(options: Parameters<typeof startHost>[0] = {}): Promise<Host> {
  const root = mkdtempSync(join(tmpdir(), 'weir-host-'));
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Weir</title>');
  const started = await startHost({ roots: [root], ...options });
  hosts.push(started);
  return started;
}

test('every response carries all headers, also those that are not found or not allowed', async () => {
  const { port } = await host();
  const answers = [
    await fetch(`http://127.0.0.1:${port}/`),
    await fetch(`http://127.0.0.1:${port}/nothing.js`),
    await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' }),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([200, 404, 405]);
  for (const answer of answers)
    for (const [name, value] of Object.entries(productionHeaders)) expect(answer.headers.get(name)).toBe(value);
});

test('a taken port is told and the next free one is used', async () => {
  const first = await host();
  const told: number[] = [];
  const second = await host({ port: first.port, onTaken: (port) => told.push(port) });
  expect(told[0]).toBe(first.port);
  expect(second.port).toBeGreaterThan(first.port);
});

test('PORT must be a port', () => {
  expect(portFrom(undefined, 4173)).toBe(4173);
  expect(portFrom('8080', 4173)).toBe(8080);
  expect(() => portFrom('http', 4173)).toThrow('no port');
  expect(() => portFrom('70000', 4173)).toThrow('no port');
});

test('the feed sends PNG images, and the same as JSON when asked', async () => {
  const { port } = await host();
  const binary = await messages(`ws://127.0.0.1:${port}/feed?rate=100`, 3);
  for (const message of binary) expect(imageFormatOf(message)).toBe('png');
  const [text] = await messages(`ws://127.0.0.1:${port}/feed?rate=100&format=json`, 1);
  const parsed = JSON.parse(String(text)) as { image: string };
  expect(imageFormatOf(Buffer.from(parsed.image, 'base64'))).toBe('png');
});

test('other WebSocket paths are refused', async () => {
  const { port } = await host();
  await expect(messages(`ws://127.0.0.1:${port}/other`, 1)).rejects.toThrow('404');
});

test('rates stay within bounds and frames within the loop', () => {
  const rate = (query: string) => rateOf(new URLSearchParams(query));
  expect([rate(''), rate('rate=5'), rate('rate=1e9'), rate('rate=no'), rate('rate=-1')]).toEqual([30, 5, 240, 30, 30]);
  expect(demoFrame(loopLength + 1)).toBe(demoFrame(1));
});

test('public/_headers says what the server sends (npm run fix writes it)', () => {
  expect(readFileSync(headersFilePath, 'utf8')).toBe(headersFile());
});

function messages(url: string, count: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const got: Buffer[] = [];
    socket.on('message', (data) => {
      got.push(data as Buffer);
      if (got.length < count) return;
      socket.close();
      resolve(got);
    });
    socket.on('error', reject);
  });
}

test('an upgrade to any address, however malformed, leaves the host alive', async () => {
  const { port, url } = await host();
  expect(feedQuery('/feed?rate=5')?.get('rate')).toBe('5');
  for (const path of ['//', '///', '/feeds', '/%', 'http://[', undefined]) expect(feedQuery(path)).toBe(undefined);
  const answers = await Promise.all(
    ['//', '///?x', '/nothing'].map(
      (path) =>
        new Promise<string>((done) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.write(
              `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
            );
          });
          socket.once('data', (data) => {
            socket.destroy();
            done(data.toString().slice(0, 12));
          });
        }),
    ),
  );
  expect(answers).toEqual(['HTTP/1.1 404', 'HTTP/1.1 404', 'HTTP/1.1 404']);
  for (const path of ['', '//', '/%', '/%c0%af']) expect((await fetch(`${url}${path}`)).status).toBeLessThan(500);
});
