/**
 * What a job carries: an encoded image or a `.npy` array as it is, or JSON that holds an image or names its address.
 * The content type wins over the bytes; everything in a message is hostile, so sizes, hosts and redirects are bounded.
 */
import { WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import { imageFormats, maxEncodedBytes, type Payload } from '../core/payload.ts';
import { isNpy } from '../core/wire/npy.ts';

export interface ReadJobOptions {
  /** Hosts that a job may name, parted by spaces. */
  readonly hosts: string;
  readonly fetch?: typeof fetch;
  readonly maxBytes?: number;
}

const fetchWithinMs = 30_000;

export async function readJob(
  body: Uint8Array<ArrayBuffer>,
  contentType: string | undefined,
  options: ReadJobOptions,
): Promise<Payload> {
  try {
    const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (type === 'application/json' || (type === '' && body[0] === 0x7b)) return await fromJson(body, options);
    return encoded(body, type);
  } catch (error) {
    return { kind: 'broken', error: WeirError.wrap(error, 'cannot-decode').toData() };
  }
}

/** Generic types say nothing, and then the bytes do. */
const isGeneric = (type: string) => type === '' || type === 'application/octet-stream' || type === 'text/plain';

function encoded(bytes: Uint8Array<ArrayBuffer>, type: string): Payload {
  if (bytes.length === 0) throw new WeirError('cannot-decode', 'The message is empty.');
  const said = type === 'image/jpg' ? 'jpeg' : type.replace(/^image\//, '').replace(/^application\/(x-)?npy$/, 'npy');
  const isNamed = said === 'npy' || imageFormats.some((format) => format === said);
  if (!isNamed && !isGeneric(type) && !type.startsWith('image/'))
    throw new WeirError('cannot-decode', `The content type ${type.slice(0, 60)} is none that a job may have.`);
  const found = imageFormatOf(bytes) ?? (isNpy(bytes) ? 'npy' : 'unknown');
  // A browser's decoder goes by the bytes whatever it is told, so a type that they do not bear out is an error.
  if (isNamed && found !== said)
    throw new WeirError('cannot-decode', `The content type says ${said}, and the bytes are ${words[found]}.`);
  return { kind: 'encoded', format: found, bytes };
}

const words = {
  jpeg: 'a JPEG image',
  png: 'a PNG image',
  webp: 'a WebP image',
  avif: 'an AVIF image',
  npy: 'a .npy array',
  unknown: 'no image of a known format and no .npy array',
} as const;

async function fromJson(body: Uint8Array<ArrayBuffer>, options: ReadJobOptions): Promise<Payload> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new WeirError('cannot-decode', 'The message says that it is JSON and cannot be read as such.', {
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null) throw noImage();
  if ('image' in value && typeof value.image === 'string') return encoded(fromBase64(value.image), '');
  if ('url' in value && typeof value.url === 'string') return encoded(...(await fetchImage(value.url, options)));
  throw noImage();
}

const noImage = () =>
  new WeirError('cannot-decode', 'The JSON message has neither "image", as base64, nor "url", as text.');

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replace(/^data:[^,]{0,100},/, '');
  if (plain.length * 0.75 > maxEncodedBytes) throw tooLarge(maxEncodedBytes);
  try {
    return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
  } catch (error) {
    throw new WeirError('cannot-decode', 'The "image" of the message is no base64.', { cause: error });
  }
}

async function fetchImage(
  address: string,
  { hosts, fetch: get = fetch, maxBytes = maxEncodedBytes }: ReadJobOptions,
): Promise<[Uint8Array<ArrayBuffer>, string]> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new WeirError('cannot-decode', 'The "url" of the message is no http or https address.');
  if (!hosts.split(/\s+/).includes(url.host))
    throw new WeirError(
      'permission-denied',
      `A job names an image at ${url.host.slice(0, 100)}, which is not among the hosts that jobs may name.`,
    );
  let response: Response;
  try {
    // A redirect could lead to a host that nobody allowed.
    response = await get(url, {
      redirect: 'error',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(fetchWithinMs),
    });
  } catch (error) {
    throw new WeirError('connection-refused', `The image at ${url.host.slice(0, 100)} could not be fetched.`, {
      cause: error,
    });
  }
  if (!response.ok) {
    void response.body?.cancel();
    const code = response.status >= 500 || response.status === 429 ? 'connection-refused' : 'cannot-decode';
    throw new WeirError(code, `${url.host.slice(0, 100)} answered ${response.status} for the image of a job.`);
  }
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    void response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  return [await readAtMost(response, maxBytes), response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''];
}

async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > maxBytes) {
      void reader?.cancel();
      throw tooLarge(maxBytes);
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const tooLarge = (limit: number) =>
  new WeirError('too-large', `The image of a job is larger than ${Math.floor(limit / 1024 ** 2)} MiB.`);
