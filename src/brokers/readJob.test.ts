import { describe, expect, it } from 'vitest';
import { readJob } from './readJob.ts';

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
const npy = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0, 0, 0]);
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const none = { hosts: '' };

const answer =
  (body: Uint8Array<ArrayBuffer>, init: ResponseInit = {}) =>
  () =>
    Promise.resolve(new Response(body, init));

describe('readJob', () => {
  it('takes an image or an array by its bytes', async () => {
    expect(await readJob(png, undefined, none)).toMatchObject({ kind: 'encoded', format: 'png' });
    expect(await readJob(npy, 'application/octet-stream', none)).toMatchObject({ kind: 'encoded', format: 'npy' });
    expect(await readJob(png, 'image/png; charset=binary', none)).toMatchObject({ format: 'png' });
  });

  it('lets the content type win over the bytes', async () => {
    expect(await readJob(png, 'image/jpeg', none)).toMatchObject({
      kind: 'broken',
      error: { code: 'cannot-decode', message: 'The content type says jpeg, and the bytes are a PNG image.' },
    });
    expect(await readJob(png, 'application/json', none)).toMatchObject({ kind: 'broken' });
    expect(await readJob(png, 'video/mp4', none)).toMatchObject({ kind: 'broken' });
  });

  it('takes JSON with an image', async () => {
    for (const image of [base64(png), `data:image/png;base64,${base64(png)}`])
      expect(await readJob(text({ image }), 'application/json', none)).toMatchObject({ format: 'png', bytes: png });
    expect(await readJob(text({ image: base64(png) }), undefined, none)).toMatchObject({ format: 'png' });
  });

  it('says of each broken message what is wrong with it', async () => {
    const messageOf = async (body: Uint8Array<ArrayBuffer>, type?: string) => {
      const payload = await readJob(body, type, none);
      return payload.kind === 'broken' ? payload.error.message : payload.kind;
    };
    expect(await messageOf(new Uint8Array(0))).toBe('The message is empty.');
    expect(await messageOf(text({ image: '###' }))).toContain('base64');
    expect(await messageOf(text({ picture: 1 }))).toContain('neither');
    expect(await messageOf(text(null), 'application/json')).toContain('neither');
    expect(await messageOf(Uint8Array.from([0x7b, 0xff]), 'application/json')).toContain('JSON');
    expect(await messageOf(text({ url: 'file:///etc/passwd' }))).toContain('no http');
  });

  it('fetches from hosts that the user allowed and from no other', async () => {
    const job = text({ url: 'https://pictures.example/a.png' });
    const allowed = { hosts: 'other.example pictures.example' };
    expect(await readJob(job, undefined, { ...allowed, fetch: answer(png) })).toMatchObject({ format: 'png' });
    const never = () => Promise.reject(new Error('It was fetched.'));
    for (const hosts of ['', 'example', 'pictures.example:8443'])
      expect(await readJob(job, undefined, { hosts, fetch: never })).toMatchObject({
        error: { code: 'permission-denied' },
      });
  });

  it('bounds what it fetches, announced or not', async () => {
    const job = text({ url: 'https://a.example/a.png' });
    const get = (init: ResponseInit, maxBytes: number) =>
      readJob(job, undefined, { hosts: 'a.example', maxBytes, fetch: answer(png, init) });
    expect(await get({}, 5)).toMatchObject({ error: { code: 'too-large' } });
    expect(await get({ headers: { 'content-length': '99' } }, 50)).toMatchObject({ error: { code: 'too-large' } });
    expect(await get({ status: 404 }, 50)).toMatchObject({ error: { code: 'cannot-decode' } });
    expect(await get({ status: 503 }, 50)).toMatchObject({ error: { code: 'connection-refused' } });
  });
});
