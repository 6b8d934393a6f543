/**
 * Downloads a model with progress that is true, and says in words why it could not.
 * The browser tells nothing about a refused cross-origin request, so the sentence names both causes.
 */
import { messageOf, WeirError } from '../core/errors.ts';
import { createTarget, maxModelBytes, type Target } from './downloadTarget.ts';
import { lookAlike } from './lookAlikes.ts';
import type { Part, Validator } from './parts.ts';
import { lfsUrl, rawUrl } from './url.ts';

export interface FetchModelOptions {
  readonly signal?: AbortSignal;
  /** `total` is undefined when the server does not say it, or compresses on the way. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  readonly fetch?: typeof fetch;
  /** Where the bytes are stored on their way, and what an earlier try left there. */
  readonly openPart?: (url: string) => Promise<Part | undefined>;
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const maxLfsPointerBytes = 1024;
/** A download that breaks off goes on by itself that often. */
const maxTries = 4;
const retryMs = 500;

export interface Fetched {
  readonly bytes: ArrayBuffer;
  readonly name: string;
  /** The finished part, where the download could be stored on its way; its writer is closed. */
  readonly part?: string;
}

/**
 * @throws WeirError connection-refused (network, CORS, HTTP status), connection-lost (cut on the way), too-large,
 * cancelled
 */
export async function fetchModel(url: string, options: FetchModelOptions = {}): Promise<Fetched> {
  const raw = rawUrl(url);
  const name = fileNameOf(raw);
  const first = await download(raw, options);
  const second = first.bytes.byteLength <= maxLfsPointerBytes ? lfsUrl(raw) : undefined;
  if (second !== undefined && lookAlike(new Uint8Array(first.bytes))?.code === 'lfs-pointer')
    return { ...(await download(second, options)), name };
  return { ...first, name };
}

async function download(url: string, options: FetchModelOptions): Promise<Omit<Fetched, 'name'>> {
  const { signal, fetch: get = fetch } = options;
  const part = await options.openPart?.(url);
  const target = createTarget(part, options.onProgress);
  try {
    for (let tries = 1; ; tries++) {
      try {
        await readOn(url, target, get, signal);
        break;
      } catch (thrown) {
        if (signal?.aborted === true) throw cancelled();
        const lost = thrown instanceof WeirError && thrown.code === 'connection-lost';
        if (!lost || tries >= maxTries || target.length === 0 || target.validator === undefined) throw thrown;
        await (options.wait ?? wait)(retryMs * tries, signal);
      }
    }
  } finally {
    // Also a part that is not finished stays, for the next try.
    target.close();
  }
  const bytes = target.bytes();
  return part === undefined || !target.stored() ? { bytes } : { bytes, part: part.name };
}

/** One request, from where the target ends. */
async function readOn(
  url: string,
  target: Target,
  get: NonNullable<FetchModelOptions['fetch']>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const host = hostOf(url);
  const from = target.length;
  let response = await ask(url, rangeHeaders(url, from, target.validator), get, signal);
  if (from > 0 && (response.status === 416 || (response.status === 206 && !goesOn(response, from, target.validator)))) {
    // Another file by now, or one of that size exactly: all of it again.
    await response.body?.cancel();
    response = await ask(url, {}, get, signal);
  }
  if (!response.ok) throw new WeirError('connection-refused', statusSentence(host, response.status));
  const resumed = response.status === 206;
  const { total: declared, exact } = declaredTotal(response);
  const total = declared === undefined ? undefined : resumed ? from + declared : declared;
  if (exact && total !== undefined && total > maxModelBytes) throw tooLarge(total);
  try {
    if (!resumed) await target.restart(validatorOf(response));
    if (response.body === null) target.append(new Uint8Array(await response.arrayBuffer()), total);
    else {
      target.reserve(total);
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (target.length + value.byteLength > maxModelBytes) {
          await reader.cancel();
          throw tooLarge(target.length + value.byteLength);
        }
        target.append(value, total);
      }
    }
  } catch (thrown) {
    if (thrown instanceof WeirError) throw thrown;
    throw new WeirError('connection-lost', `The download from ${host} stopped on the way: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  if (exact && total !== undefined && target.length < total)
    throw new WeirError('connection-lost', `The download ended after ${target.length} of ${total} bytes.`);
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  get: NonNullable<FetchModelOptions['fetch']>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await get(url, { credentials: 'same-origin', headers, ...(signal === undefined ? {} : { signal }) });
  } catch (thrown) {
    if (signal?.aborted === true) throw cancelled();
    const resumes = headers['Range'] !== undefined;
    throw new WeirError(
      resumes ? 'connection-lost' : 'connection-refused',
      `${hostOf(url)} could not be reached, or it does not let other sites read this file (CORS). Download it and drop it here.`,
      { cause: thrown },
    );
  }
}

/** Another site is asked without If-Range: that header would need its consent first, while a plain range does not. */
function rangeHeaders(url: string, from: number, validator: Validator | undefined): Record<string, string> {
  if (from === 0 || validator === undefined) return {};
  const own = globalThis.location !== undefined && new URL(url, location.href).origin === location.origin;
  const strong = validator.etag?.startsWith('"') === true ? validator.etag : undefined;
  return { Range: `bytes=${from}-`, ...(own && strong !== undefined ? { 'If-Range': strong } : {}) };
}

/** The rest of the very file whose beginning is there. */
function goesOn(response: Response, from: number, validator: Validator | undefined): boolean {
  const range = response.headers.get('content-range');
  if (range !== null && Number(/^bytes (\d+)-/.exec(range)?.[1]) !== from) return false;
  const now = validatorOf(response);
  return now !== undefined && now.etag === validator?.etag && now.lastModified === validator?.lastModified;
}

/** Undefined: nothing says whether it is the same file the next time, so nothing goes on. */
function validatorOf({ headers }: Response): Validator | undefined {
  const etag = headers.get('etag') ?? undefined;
  const lastModified = headers.get('last-modified') ?? undefined;
  if (etag === undefined && lastModified === undefined) return undefined;
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}

/**
 * Content-Length counts compressed bytes, so it says nothing of the size when there is an encoding; from another origin
 * the encoding is hidden, and the length is a hint only.
 */
function declaredTotal(response: Response): { readonly total: number | undefined; readonly exact: boolean } {
  const encoding = response.headers.get('content-encoding');
  const length = Number(response.headers.get('content-length') ?? NaN);
  const known = (encoding === null || encoding === 'identity') && Number.isSafeInteger(length) && length > 0;
  return { total: known ? length : undefined, exact: response.type !== 'cors' };
}

function statusSentence(host: string, status: number): string {
  if (status === 404 || status === 410) return `${host} has no file under that link (${status}).`;
  if (status === 401 || status === 403) return `${host} does not give this file to everyone (${status}).`;
  if (status === 429) return `${host} asks to wait before the next download (429).`;
  if (status >= 500) return `${host} has a fault of its own (${status}).`;
  return `${host} answered ${status} instead of the file.`;
}

function tooLarge(bytes: number): WeirError {
  return new WeirError('too-large', `The model has ${(bytes / 1e9).toFixed(1)} GB; a browser tab opens 2 GB at most.`);
}

function cancelled(): WeirError {
  return new WeirError('cancelled', 'The download was cancelled.');
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'This site';
}

function fileNameOf(url: string): string {
  const last = (url.split(/[?#]/)[0] ?? '').split('/').pop() ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A percent sign that encodes nothing stays as it is written.
  }
  return name.slice(0, 200) || 'model.onnx';
}
