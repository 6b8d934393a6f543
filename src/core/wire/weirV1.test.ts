import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeirError } from '../errors.ts';
import { decodeWeirV1, encodeWeirV1, maxHeaderBytes, maxWindow, type WeirHeader } from './weirV1.ts';

const id = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.string({ minLength: 1, maxLength: 200 }));
const ms = fc.double({ min: -1e15, max: 1e15, noNaN: true }).map((value) => (value === 0 ? 0 : value));
const delay = fc.double({ min: 0.001, max: 3e13, noNaN: true });
const n = fc.integer({ min: 1, max: maxWindow });
const reason = fc.string({ maxLength: 1000 });
const optional = { requiredKeys: [] as [] };

const header: fc.Arbitrary<WeirHeader> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    v: fc.constant(1 as const),
    session: fc.string({ minLength: 1, maxLength: 200 }),
    window: n,
  }),
  fc.record({ kind: fc.constant('credit' as const), n }),
  fc
    .tuple(
      fc.record({ kind: fc.constant('data' as const), id, type: fc.string({ minLength: 1, maxLength: 200 }) }),
      fc.record(
        { sentAt: ms, deadlineMs: delay, attempt: fc.integer({ min: 1 }), key: fc.boolean(), seq: fc.nat() },
        optional,
      ),
    )
    .map(([needed, more]) => ({ ...needed, ...more })),
  fc.record({
    kind: fc.constant('result' as const),
    id,
    result: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  }),
  fc.record({ kind: fc.constant('ack' as const), id }),
  fc.record({ kind: fc.constant('nack' as const), id, dead: fc.constant(true as const), reason }),
  fc.record({ kind: fc.constant('nack' as const), id, retryMs: delay }),
  fc.record({ kind: fc.constant('ping' as const), t: ms }),
  fc.record({ kind: fc.constant('pong' as const), t: ms, at: ms }),
  fc.constant({ kind: 'end' as const }),
);

test('what is written is read again, every kind, with and without a payload', () => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 300 }), fc.nat(7), (sent, bytes, offset) => {
      const payload = sent.kind === 'data' ? bytes : new Uint8Array(0);
      const encoded = encodeWeirV1(sent, payload);
      // As it may lie inside a larger buffer.
      const larger = new Uint8Array(encoded.length + offset);
      larger.set(encoded, offset);
      const read = decodeWeirV1(larger.subarray(offset));
      expect(read.header).toEqual(sent);
      expect([...read.payload]).toEqual([...payload]);
    }),
    { numRuns: 2000 },
  );
});

test('bytes of any kind are read or refused by a sentence, never by a crash', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // A true message with one byte changed, or cut off.
    fc.tuple(header, fc.nat(), fc.nat(255), fc.boolean()).map(([sent, at, value, cuts]) => {
      const bytes = encodeWeirV1(sent);
      if (cuts) return bytes.slice(0, at % (bytes.length + 1));
      bytes[at % bytes.length] = value;
      return bytes;
    }),
    fc.json().map((text) => withHeader(text)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      try {
        decodeWeirV1(new Uint8Array(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WeirError);
        expect((error as WeirError).message).toMatch(/^A message is not weir\.v1: .{10,330}\.$/su);
      }
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['', /0 bytes, and the length of its header alone takes 4/],
  ['\xff\xff\xff\xff', /header of 4294967295 bytes; the limit is 65536/],
  ['\x05\x00\x00\x00{}', /header of 5 bytes and has 2/],
])('a broken frame %j', (text, sentence) => {
  expect(() => decodeWeirV1(Uint8Array.from(text, (letter) => letter.charCodeAt(0)))).toThrow(sentence);
});

test.each([
  ['{', /no JSON/],
  ['[]', /no object with a kind/],
  ['null', /no object with a kind/],
  ['{"kind":"toString"}', /"toString", which weir\.v1 has not/],
  ['{"kind":{"a":1}}', /which weir\.v1 has not/],
  ['{"kind":"hello","v":2,"session":"a","window":1}', /v of its hello/],
  ['{"kind":"hello","v":1,"window":1}', /session of its hello/],
  ['{"kind":"credit","n":0}', /n of its credit/],
  ['{"kind":"credit","n":1e9}', /n of its credit/],
  ['{"kind":"credit","n":1.5}', /n of its credit/],
  ['{"kind":"data","type":"image"}', /id of its data/],
  ['{"kind":"data","id":-1,"type":"image"}', /of its data/],
  [`{"kind":"data","id":"${'x'.repeat(201)}","type":"image"}`, /of its data/],
  ['{"kind":"data","id":1,"type":"image","deadlineMs":0}', /deadlineMs of its data/],
  ['{"kind":"data","id":1,"type":"image","sentAt":1e999}', /sentAt of its data/],
  ['{"kind":"nack","id":1}', /of its nack/],
  ['{"kind":"nack","id":1,"retryMs":-1}', /of its nack/],
  ['{"kind":"ping","t":"now"}', /t of its ping/],
])('a header that weir.v1 does not allow: %s', (text, sentence) => {
  expect(() => decodeWeirV1(withHeader(text))).toThrow(sentence);
});

test('a payload belongs to data alone, and unknown fields are left out', () => {
  const end = encodeWeirV1({ kind: 'end' });
  expect(() => decodeWeirV1(new Uint8Array([...end, 0]))).toThrow(/end, which has no payload/);
  const { header: read } = decodeWeirV1(withHeader('{"kind":"ack","id":7,"__proto__":{"a":1},"more":true}'));
  expect(read).toEqual({ kind: 'ack', id: 7 });
});

test('the longest header is taken, one byte more is not', () => {
  const pad = (length: number) => withHeader('{"kind":"end"}'.padEnd(length));
  expect(decodeWeirV1(pad(maxHeaderBytes)).header.kind).toBe('end');
  expect(() => decodeWeirV1(pad(maxHeaderBytes + 1))).toThrow(/the limit is 65536/);
});

test('the example of the specification, byte for byte', () => {
  const [, example = ''] = /```text\n(.*?)```/s.exec(readFileSync('docs/weir-v1.md', 'utf8')) ?? [];
  const bytes = example
    .split('\n')
    .flatMap((line) =>
      (/^(?:[\da-f]{2} )*[\da-f]{2}(?= |$)/.exec(line)?.[0] ?? '').split(' ').filter((pair) => pair !== ''),
    );
  const message = Uint8Array.from(bytes, (pair) => Number.parseInt(pair, 16));
  expect(message).toHaveLength(47);
  expect(message).toEqual(encodeWeirV1({ kind: 'data', id: 7, type: 'image/png' }, Uint8Array.of(0x89, 0x50)));
  expect(decodeWeirV1(message).header).toEqual({ kind: 'data', id: 7, type: 'image/png' });
});

function withHeader(text: string): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(text);
  const message = new Uint8Array(4 + json.length);
  new DataView(message.buffer).setUint32(0, json.length, true);
  message.set(json, 4);
  return message;
}
