/** Links and downloads: what people paste becomes what they meant, and each refusal has a sentence. */
import { describe, expect, it, vi } from 'vitest';
import { checkExternalFiles, checkExternalPath } from './externalData.ts';
import { fetchModel } from './fetchModel.ts';
import { preflight } from './preflight.ts';
import { buildSobel } from './buildGraph.ts';
import { sha256 } from './sha256.ts';
import { rawUrl } from './url.ts';

describe('rawUrl', () => {
  it.each([
    ['https://github.com/o/r/blob/main/a/m.onnx', 'https://raw.githubusercontent.com/o/r/main/a/m.onnx'],
    ['https://github.com/o/r/raw/v1/m.onnx?x=1', 'https://raw.githubusercontent.com/o/r/v1/m.onnx'],
    ['https://huggingface.co/o/r/blob/main/onnx/m.onnx', 'https://huggingface.co/o/r/resolve/main/onnx/m.onnx'],
    ['https://hf.co/o/r/blob/main/m.onnx?download=true', 'https://huggingface.co/o/r/resolve/main/m.onnx'],
    ['https://huggingface.co/o/r/raw/main/m.onnx', 'https://huggingface.co/o/r/resolve/main/m.onnx'],
    ['https://huggingface.co/datasets/o/r/blob/v1/a/m.onnx', 'https://huggingface.co/datasets/o/r/resolve/v1/a/m.onnx'],
    ['https://huggingface.co/o/r/resolve/main/m.onnx', 'https://huggingface.co/o/r/resolve/main/m.onnx'],
    [
      'https://github.com/o/r/blob/main/a%20b/m.onnx?raw=true#L1',
      'https://raw.githubusercontent.com/o/r/main/a%20b/m.onnx',
    ],
    ['https://raw.githubusercontent.com/o/r/main/m.onnx', 'https://raw.githubusercontent.com/o/r/main/m.onnx'],
    ['https://github.com/o/r/tree/main/a', 'https://github.com/o/r/tree/main/a'],
    ['https://github.com/o/r', 'https://github.com/o/r'],
    ['https://example.com/o/r/blob/main/m.onnx', 'https://example.com/o/r/blob/main/m.onnx'],
    ['/models/sobel.onnx', '/models/sobel.onnx'],
  ])('%s', (link, raw) => expect(rawUrl(link)).toBe(raw));
});

const answer = (body: BodyInit | null, init?: ResponseInit) => vi.fn(async () => new Response(body, init));
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('fetchModel', () => {
  it('gives the bytes, the name and true progress', async () => {
    const bytes = new Uint8Array(3000).map((_, i) => i);
    const onProgress = vi.fn();
    const got = await fetchModel('https://a.example/x/m%20one.onnx?v=1', {
      fetch: answer(bytes, { headers: { 'content-length': '3000' } }),
      onProgress,
    });
    expect(new Uint8Array(got.bytes)).toEqual(bytes);
    expect(got.name).toBe('m one.onnx');
    expect(onProgress).toHaveBeenLastCalledWith(3000, 3000);
  });

  it('grows its buffer when the size is unknown or compressed', async () => {
    const bytes = new Uint8Array(3 << 20).fill(7);
    const onProgress = vi.fn();
    const headers = { 'content-length': '10', 'content-encoding': 'gzip' };
    const got = await fetchModel('https://a.example/m.onnx', { fetch: answer(bytes, { headers }), onProgress });
    expect(got.bytes.byteLength).toBe(3 << 20);
    expect(onProgress).toHaveBeenLastCalledWith(3 << 20, undefined);
  });

  it('takes the length that another origin tells as a hint', async () => {
    const bytes = new Uint8Array(3000);
    // Compressed on the way, and the header that says so hidden: larger or smaller than what arrives.
    for (const length of ['2000', '9000']) {
      const crossOrigin = vi.fn(async () => {
        const response = new Response(bytes, { headers: { 'content-length': length } });
        Object.defineProperty(response, 'type', { value: 'cors' });
        return response;
      });
      const shares: number[] = [];
      const got = await fetchModel('https://b.example/m.onnx', {
        fetch: crossOrigin,
        onProgress: (at, total) => shares.push(total === undefined ? 0 : at / total),
      });
      expect(got.bytes.byteLength).toBe(3000);
      expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    }
  });

  it.each([404, 403, 429, 503, 418])('says what status %i means', async (status) => {
    const error = await refusalOf(fetchModel('https://a.example/m.onnx', { fetch: answer('no', { status }) }));
    expect(error).toMatchObject({ code: 'connection-refused', message: expect.stringContaining(String(status)) });
  });

  it('names the network and CORS, a cut, a size, and the person who cancelled', async () => {
    const fail = vi.fn(async () => Promise.reject(new TypeError('Failed to fetch')));
    const url = 'https://a.example/m.onnx';
    expect(await refusalOf(fetchModel(url, { fetch: fail }))).toMatchObject({
      code: 'connection-refused',
      message: expect.stringContaining('CORS'),
    });
    const cut = answer('abc', { headers: { 'content-length': '9' } });
    expect(await refusalOf(fetchModel(url, { fetch: cut }))).toMatchObject({ code: 'connection-lost' });
    const huge = answer('abc', { headers: { 'content-length': String(3e9) } });
    expect(await refusalOf(fetchModel(url, { fetch: huge }))).toMatchObject({ code: 'too-large' });
    const signal = AbortSignal.abort();
    expect(await refusalOf(fetchModel(url, { fetch: fail, signal }))).toMatchObject({ code: 'cancelled' });
  });

  it('follows a Git LFS pointer of GitHub to the file', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\nsize 3\n';
    const get = vi.fn(async (input: string) =>
      input.startsWith('https://media.') ? new Response('abc') : new Response(pointer),
    );
    const got = await fetchModel('https://github.com/o/r/blob/main/m.onnx', { fetch: get as unknown as typeof fetch });
    expect(new TextDecoder().decode(got.bytes)).toBe('abc');
    expect(get.mock.calls[1]?.[0]).toBe('https://media.githubusercontent.com/media/o/r/main/m.onnx');
  });
});

describe('external data', () => {
  it.each([
    '/etc/passwd',
    '../m.data',
    'a/../../b',
    'C:\\m.data',
    '\\\\host\\m',
    'https://a/b',
    'file:///etc/passwd',
    '',
    '.',
    './',
    'w/',
    '*/_ORT_MEM_ADDR_/*',
  ])('refuses %j', (path) =>
    expect(() => checkExternalPath(path)).toThrow(expect.objectContaining({ code: 'bad-external-path' })),
  );

  it('takes names below the folder of the model and says which are missing', () => {
    expect(checkExternalPath('./w/m.onnx.data')).toBe('w/m.onnx.data');
    const externalFiles = [
      { path: 'w/m.onnx.data', bytes: 8 },
      { path: 'b.bin', bytes: 4 },
    ];
    const facts = { ...preflight(buildSobel(8, 8)), externalFiles };
    const data = { name: 'm.onnx.data', bytes: 9 };
    const more = { name: 'b.bin', bytes: 4 };
    expect(() => checkExternalFiles(facts, [data, more])).not.toThrow();
    expect(() => checkExternalFiles(facts, [more])).toThrow('This model keeps them in m.onnx.data');
    expect(() => checkExternalFiles(facts, [{ ...data, bytes: 7 }, more])).toThrow(
      'm.onnx.data has 7 bytes, but the model reads 8: it is cut off, or of another model.',
    );
  });
});

it('sha256 is the digest in hex', async () => {
  expect(await sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
