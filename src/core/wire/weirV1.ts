/**
 * Codec of the WebSocket subprotocol `weir.v1`, in which a receiver grants credit and answers for each message by its id.
 * `docs/weir-v1.md` is the specification; both ends of our own, the page and the demo feed, read and write through here.
 */
import * as v from 'valibot';
import { WeirError } from '../errors.ts';
import { maxEncodedBytes } from '../payload.ts';

export const weirV1 = 'weir.v1';

/** A header is a few words; a longer one is no header. */
export const maxHeaderBytes = 65_536;
/** Of credit in one message, and of what a sender leaves unanswered. */
export const maxWindow = 65_536;

const textOf = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const ms = v.pipe(v.number(), v.finite());
/** Strings for those who number by topic and offset; whole numbers for all others. */
const id = v.union([count(0, Number.MAX_SAFE_INTEGER), textOf(200)]);
/** A thousand years: enough for everybody, and no sum with it leaves the exact numbers. */
const delayMs = v.pipe(v.number(), v.minValue(0), v.maxValue(3.2e13));

const HelloSchema = v.object({
  kind: v.literal('hello'),
  v: v.literal(1),
  /** The stream within which an id means one message; another one begins the numbering anew. */
  session: textOf(200),
  /** The most messages that the sender leaves unanswered, whatever the credit. */
  window: count(1, maxWindow),
});
const CreditSchema = v.object({ kind: v.literal('credit'), n: count(1, maxWindow) });
const DataSchema = v.object({
  kind: v.literal('data'),
  id,
  type: textOf(200),
  /** When it was due or made, ms on the sender's clock. */
  sentAt: v.optional(ms),
  /** After `sentAt` it is of no use. */
  deadlineMs: v.optional(v.pipe(delayMs, v.gtValue(0))),
  attempt: v.optional(count(1, Number.MAX_SAFE_INTEGER)),
  /** Encoded video: can be decoded without those before it. */
  key: v.optional(v.boolean()),
  /** Encoded video: its place in the stream, by one; a gap is a chunk that was lost. */
  seq: v.optional(count(0, Number.MAX_SAFE_INTEGER)),
});
const ResultSchema = v.object({ kind: v.literal('result'), id, result: v.unknown() });
const AckSchema = v.object({ kind: v.literal('ack'), id });
const NackSchema = v.union([
  v.object({ kind: v.literal('nack'), id, dead: v.literal(true), reason: v.pipe(v.string(), v.maxLength(1000)) }),
  v.object({
    kind: v.literal('nack'),
    id,
    dead: v.optional(v.literal(false)),
    retryMs: delayMs,
    reason: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  }),
]);
const PingSchema = v.object({ kind: v.literal('ping'), t: ms });
/** `t` is that of the ping, `at` the clock of whoever answers. */
const PongSchema = v.object({ kind: v.literal('pong'), t: ms, at: ms });
const EndSchema = v.object({ kind: v.literal('end') });

const schemas = {
  hello: HelloSchema,
  credit: CreditSchema,
  data: DataSchema,
  result: ResultSchema,
  ack: AckSchema,
  nack: NackSchema,
  ping: PingSchema,
  pong: PongSchema,
  end: EndSchema,
} as const;

export type WeirHeader = { [K in keyof typeof schemas]: v.InferOutput<(typeof schemas)[K]> }[keyof typeof schemas];
export type WeirHeaderOf<K extends WeirHeader['kind']> = Extract<WeirHeader, { readonly kind: K }>;
export type MessageId = WeirHeaderOf<'data'>['id'];

export interface WeirMessage {
  readonly header: WeirHeader;
  /** A view of the message; empty for every kind but `data`. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const nothing = new Uint8Array(0);

/** Little-endian u32 length of the header, the header as JSON in UTF-8, the payload. */
export function encodeWeirV1(header: WeirHeader, payload: Uint8Array = nothing): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(JSON.stringify(header));
  const message = new Uint8Array(4 + json.length + payload.length);
  new DataView(message.buffer).setUint32(0, json.length, true);
  message.set(json, 4);
  message.set(payload, 4 + json.length);
  return message;
}

/** Unknown fields are left out, everything else that the specification does not allow is refused. @throws WeirError */
export function decodeWeirV1(message: Uint8Array<ArrayBuffer>): WeirMessage {
  if (message.length < 4) throw refused(`it has ${message.length} bytes, and the length of its header alone takes 4`);
  const headerBytes = new DataView(message.buffer, message.byteOffset, 4).getUint32(0, true);
  if (headerBytes > maxHeaderBytes)
    throw refused(`it announces a header of ${headerBytes} bytes; the limit is ${maxHeaderBytes}`);
  if (4 + headerBytes > message.length)
    throw refused(`it announces a header of ${headerBytes} bytes and has ${message.length - 4}`);
  const payload = message.subarray(4 + headerBytes);
  if (payload.length > maxEncodedBytes)
    throw new WeirError(
      'too-large',
      `A message of weir.v1 has a payload of ${payload.length} bytes; the limit is ${maxEncodedBytes}.`,
    );
  const header = headerOf(message.subarray(4, 4 + headerBytes));
  if (header.kind !== 'data' && payload.length > 0) throw refused(`its kind is ${header.kind}, which has no payload`);
  return { header, payload };
}

function headerOf(bytes: Uint8Array): WeirHeader {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw refused('its header is no JSON in UTF-8', error);
  }
  if (typeof json !== 'object' || json === null || !('kind' in json))
    throw refused('its header is no object with a kind');
  const { kind } = json;
  if (!isKind(kind)) throw refused(`its kind is ${String(JSON.stringify(kind)).slice(0, 40)}, which weir.v1 has not`);
  const parsed = v.safeParse(schemas[kind], json);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw refused(`${v.getDotPath(issue) ?? 'a field'} of its ${kind} is not what is expected: ${issue.message}`);
}

function isKind(kind: unknown): kind is keyof typeof schemas {
  return typeof kind === 'string' && Object.hasOwn(schemas, kind);
}

function refused(why: string, cause?: unknown): WeirError {
  const message = `A message is not weir.v1: ${why.slice(0, 300)}.`;
  return new WeirError('cannot-decode', message, cause === undefined ? {} : { cause });
}
