/**
 * Downloads a model with progress that is true, and says in words why it could not.
 * The browser tells nothing about a refused cross-origin request, so the sentence names both causes.
 */
import { messageOf, WeirError } from '../core/errors.ts';
import { lookAlike } from './lookAlikes.ts';
import { lfsUrl, rawUrl } from './url.ts';

export interface FetchModelOptions {
  readonly signal?: AbortSignal;
  /** `total` is undefined when the server does not say it, or compresses on the way. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  readonly fetch?: typeof fetch;
}

/** ORT cannot address more than 4 GB, and a tab does not get the five times of it that opening takes. */
export const maxModelBytes = 2 ** 31;
const maxLfsPointerBytes = 1024;

/**
 * @throws WeirError connection-refused (network, CORS, HTTP status), connection-lost (cut on the way), too-large,
 * cancelled
 */
export async function fetchModel(
  url: string,
  options: FetchModelOptions = {},
): Promise<{ bytes: ArrayBuffer; name: string }> {
  const raw = rawUrl(url);
  const name = fileNameOf(raw);
  const bytes = await download(raw, options);
  const second = bytes.byteLength <= maxLfsPointerBytes ? lfsUrl(raw) : undefined;
  if (second !== undefined && lookAlike(new Uint8Array(bytes))?.code === 'lfs-pointer')
    return { bytes: await download(second, options), name };
  return { bytes, name };
}

async function download(url: string, options: FetchModelOptions): Promise<ArrayBuffer> {
  const { signal, onProgress } = options;
  const get = options.fetch ?? fetch;
  const host = hostOf(url);
  let response: Response;
  try {
    response = await get(url, { credentials: 'same-origin', ...(signal === undefined ? {} : { signal }) });
  } catch (thrown) {
    if (signal?.aborted === true) throw cancelled();
    throw new WeirError(
      'connection-refused',
      `${host} could not be reached, or it does not let other sites read this file (CORS). Download it and drop it here.`,
      { cause: thrown },
    );
  }
  if (!response.ok) throw new WeirError('connection-refused', statusSentence(host, response.status));
  const { total, exact } = declaredTotal(response);
  if (exact && total !== undefined && total > maxModelBytes) throw tooLarge(total);
  try {
    return await readAll(response, total, exact, onProgress);
  } catch (thrown) {
    if (signal?.aborted === true) throw cancelled();
    if (thrown instanceof WeirError) throw thrown;
    throw new WeirError('connection-lost', `The download from ${host} stopped on the way: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

async function readAll(
  response: Response,
  total: number | undefined,
  exact: boolean,
  onProgress: FetchModelOptions['onProgress'],
): Promise<ArrayBuffer> {
  if (response.body === null) return response.arrayBuffer();
  // With a known size the bytes go straight to their place; otherwise the buffer doubles.
  let buffer = new Uint8Array(Math.min(total ?? 1 << 20, maxModelBytes));
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const end = length + value.byteLength;
    if (end > maxModelBytes) {
      await reader.cancel();
      throw tooLarge(end);
    }
    if (end > buffer.byteLength) {
      const larger = new Uint8Array(Math.max(end, Math.min(buffer.byteLength * 2, maxModelBytes)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(value, length);
    length = end;
    onProgress?.(length, total !== undefined && length <= total ? total : undefined);
  }
  if (exact && total !== undefined && length < total)
    throw new WeirError('connection-lost', `The download ended after ${length} of ${total} bytes.`);
  return length === buffer.byteLength ? buffer.buffer : buffer.buffer.slice(0, length);
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
