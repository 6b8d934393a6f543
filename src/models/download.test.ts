/** A download that breaks off goes on where it ended, by itself and after a reload; another file is begun anew. */
import { describe, expect, test } from 'vitest';
import { fetchModel } from './fetchModel.ts';
import { createMemoryShelf } from './memoryShelf.fixture.ts';
import { openPart } from './parts.ts';

const url = 'https://models.example/m.onnx';
const file = (seed: number) => new Uint8Array(50_000).map((_, i) => i * seed + (i >> 8));

interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag?: string;
  /** Bytes after which this answer breaks off. */
  readonly breaksAt?: number;
  readonly ignoresRange?: boolean;
}

/** Answers one request after the other, and notes what was asked. */
function server(...answers: readonly Served[]) {
  const asked: (string | null)[] = [];
  const get: typeof fetch = async (_, init) => {
    const range = new Headers(init?.headers).get('range');
    const served = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(range);
    if (served === undefined) throw new Error('Nothing is served.');
    const { bytes, etag, breaksAt = Infinity, ignoresRange = false } = served;
    const from = range === null || ignoresRange ? 0 : Number(/\d+/.exec(range)?.[0]);
    if (from >= bytes.byteLength) return new Response(null, { status: 416 });
    const rest = bytes.subarray(from);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(rest.slice(0, Math.min(rest.byteLength, breaksAt)));
        if (breaksAt < rest.byteLength) setTimeout(() => controller.error(new TypeError('network error')));
        else controller.close();
      },
    });
    const headers = new Headers({ 'content-length': String(rest.byteLength) });
    if (etag !== undefined) headers.set('etag', etag);
    if (from > 0) headers.set('content-range', `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}`);
    return new Response(body, { status: from > 0 ? 206 : 200, headers });
  };
  return { asked, get };
}

const wait = () => Promise.resolve();
const whole = file(3);

describe('by itself', () => {
  test('it asks for the rest', async () => {
    const { asked, get } = server({ bytes: whole, etag: '"a"', breaksAt: 20_000 }, { bytes: whole, etag: '"a"' });
    const got = await fetchModel(url, { fetch: get, wait });
    expect(new Uint8Array(got.bytes)).toEqual(whole);
    expect(asked).toEqual([null, 'bytes=20000-']);
  });

  test('a server that knows no ranges gives it all again', async () => {
    const { get } = server(
      { bytes: whole, etag: '"a"', breaksAt: 20_000 },
      { bytes: whole, etag: '"a"', ignoresRange: true },
    );
    expect(new Uint8Array((await fetchModel(url, { fetch: get, wait })).bytes)).toEqual(whole);
  });

  test('the rest of another file is not taken', async () => {
    const other = file(5);
    const { asked, get } = server({ bytes: whole, etag: '"a"', breaksAt: 20_000 }, { bytes: other, etag: '"b"' });
    expect(new Uint8Array((await fetchModel(url, { fetch: get, wait })).bytes)).toEqual(other);
    expect(asked).toEqual([null, 'bytes=20000-', null]);
  });

  test('without a mark of the file nothing goes on: it is said instead', async () => {
    const { asked, get } = server({ bytes: whole, breaksAt: 20_000 });
    await expect(fetchModel(url, { fetch: get, wait })).rejects.toMatchObject({ code: 'connection-lost' });
    expect(asked).toEqual([null]);
  });

  test('it gives up after a few tries', async () => {
    const { asked, get } = server({ bytes: whole, etag: '"a"', breaksAt: 1000 });
    await expect(fetchModel(url, { fetch: get, wait })).rejects.toMatchObject({ code: 'connection-lost' });
    expect(asked).toEqual([null, 'bytes=1000-', 'bytes=2000-', 'bytes=3000-']);
  });
});

describe('from the part of an earlier page', () => {
  test('it goes on, and the finished part is the file', async () => {
    const shelf = createMemoryShelf();
    const openPartHere = (of: string) => openPart(shelf, of);
    const broken = server({ bytes: whole, etag: '"a"', breaksAt: 9000 });
    await expect(fetchModel(url, { fetch: broken.get, wait, openPart: openPartHere })).rejects.toThrow();
    const { asked, get } = server({ bytes: whole, etag: '"a"' });
    const got = await fetchModel(url, { fetch: get, wait, openPart: openPartHere });
    expect(asked).toEqual(['bytes=36000-']);
    expect(new Uint8Array(got.bytes)).toEqual(whole);
    expect(shelf.folders.parts.get(got.part ?? '')).toEqual(whole);
  });

  test('of another version it is begun anew', async () => {
    const shelf = createMemoryShelf();
    const openPartHere = (of: string) => openPart(shelf, of);
    const broken = server({ bytes: whole, etag: '"a"', breaksAt: 9000 });
    await expect(fetchModel(url, { fetch: broken.get, wait, openPart: openPartHere })).rejects.toThrow();
    const other = file(5).slice(0, 30_000);
    const { asked, get } = server({ bytes: other, etag: '"b"' });
    const got = await fetchModel(url, { fetch: get, wait, openPart: openPartHere });
    expect(asked).toEqual(['bytes=36000-', null]);
    expect(new Uint8Array(got.bytes)).toEqual(other);
    expect(shelf.folders.parts.get(got.part ?? '')).toEqual(other);
  });

  test('a full disk stops the storing, not the download', async () => {
    const shelf = createMemoryShelf(10_000);
    const { get } = server({ bytes: whole, etag: '"a"' });
    const got = await fetchModel(url, { fetch: get, wait, openPart: (of) => openPart(shelf, of) });
    expect(new Uint8Array(got.bytes)).toEqual(whole);
    expect(got.part).toBe(undefined);
  });
});
