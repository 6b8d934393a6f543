/**
 * MJPEG over HTTP, as network cameras and ffmpeg send it: one part of the response is one JPEG. Without demand the response
 * is not read, so the sender waits behind the network's buffers; a lost connection is tried again with full jitter.
 */
import { Observable } from 'rxjs';
import { shownAddress } from '../core/address.ts';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { boundaryOf, createMultipart } from '../core/wire/multipart.ts';
import { fullJitterMs } from '../core/fullJitter.ts';

export interface MjpegOptions {
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly random?: () => number;
}

/** Errors for good with what another try would not change: no address, no permission, not this format. */
export function createMjpeg(options: MjpegOptions, context: SourceContext): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        const abort = new AbortController();
        const shown = shownAddress(options.url);
        let timer: ReturnType<typeof setTimeout> | undefined;
        let attempt = 0;
        let id = 0;
        let asked = 0;
        let wake = () => {};
        const demanded = () =>
          new Promise<void>((done) => {
            wake = done;
          });

        const emit = (bytes: Uint8Array<ArrayBuffer>) => {
          // Not at the opening: a server that never gets a picture across must not be hammered.
          attempt = 0;
          const now = clock.now();
          const format = imageFormatOf(bytes) ?? 'unknown';
          subscriber.next(
            new Delivery<Payload>({
              id: id++,
              source: context.id,
              payload: { kind: 'encoded', format, bytes },
              bytes: bytes.byteLength,
              scheduled: now,
              arrived: now,
            }),
          );
        };

        const connect = async (): Promise<void> => {
          context.onState({ status: 'opening' });
          const { body, boundary } = await request(options, abort.signal);
          context.onState({ status: 'open', facts: shown });
          const parts = createMultipart(boundary);
          const reader = body.getReader();
          let coming = reader.read();
          try {
            for (;;) {
              const { done, value } = await coming;
              if (done) throw new WeirError('connection-lost', `${shown} ended the stream.`);
              // The next bytes are on their way while these are served; one piece of the network is all that waits here.
              coming = reader.read();
              for (const bytes of parts.push(value)) {
                while (asked <= 0 && !abort.signal.aborted) await demanded();
                if (abort.signal.aborted) return;
                asked -= 1;
                emit(bytes);
              }
            }
          } finally {
            // Closing ends a read that nobody waits for any more.
            coming.catch(() => undefined);
          }
        };

        const run = () => {
          connect().catch((thrown: unknown) => {
            if (abort.signal.aborted) return;
            const error = WeirError.wrap(thrown, 'connection-lost', `The connection to ${shown} was lost.`);
            if (error.code !== 'connection-lost' && error.code !== 'connection-refused') {
              subscriber.error(error);
              return;
            }
            const wait = fullJitterMs(attempt++, options.random);
            context.onState({ status: 'retrying', retryAt: clock.now() + wait, error: error.toData() });
            timer = setTimeout(run, wait);
          });
        };
        const demandSubscription = demand.subscribe((more) => {
          asked = more;
          wake();
        });
        const wrong = wrongAddress(options.url);
        if (wrong === undefined) run();
        else subscriber.error(wrong);
        return () => {
          demandSubscription.unsubscribe();
          clearTimeout(timer);
          abort.abort();
          wake();
        };
      }),
  };
}

function wrongAddress(url: string): WeirError | undefined {
  if (url === '') return new WeirError('cancelled', 'No address is entered yet.');
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return undefined;
  const shown = shownAddress(url);
  if (/^rtsps?:/i.test(url))
    return new WeirError(
      'connection-refused',
      `${shown} speaks RTSP, which no browser does: run "npm run feed -- ADDRESS" and choose WebSocket.`,
    );
  const rule = 'that is http:// or https:// and a host';
  return new WeirError('connection-refused', `"${shown}" is not the address of an MJPEG stream: ${rule}.`);
}

/** @throws WeirError auth-failed and cannot-decode for good, connection-refused to be tried again */
async function request(
  { url, fetch = globalThis.fetch.bind(globalThis) }: MjpegOptions,
  signal: AbortSignal,
): Promise<{ body: ReadableStream<Uint8Array<ArrayBuffer>>; boundary: string }> {
  const shown = shownAddress(url);
  const { address, headers } = withoutUser(url);
  let response: Response;
  try {
    response = await fetch(address, { signal, headers, cache: 'no-store', credentials: 'omit' });
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new WeirError(
      'connection-refused',
      `Nothing answers at ${shown}, or it does not allow pages of other hosts (Access-Control-Allow-Origin).`,
      { cause: thrown },
    );
  }
  if (response.status === 401 || response.status === 403) {
    void response.body?.cancel();
    throw new WeirError('auth-failed', `${shown} answers ${response.status}: it wants a user and a password.`);
  }
  const type = response.headers.get('Content-Type');
  const boundary = boundaryOf(type);
  if (!response.ok) {
    void response.body?.cancel();
    throw new WeirError('connection-refused', `${shown} answers ${response.status}.`);
  }
  if (boundary === undefined || response.body === null) {
    void response.body?.cancel();
    throw new WeirError(
      'cannot-decode',
      `${shown} sends ${type?.slice(0, 60) ?? 'something without a type'}, not an MJPEG stream (multipart/x-mixed-replace).`,
    );
  }
  return { body: response.body, boundary };
}

/** `fetch` refuses addresses with a user in them, which is how cameras are written down. */
function withoutUser(text: string): { address: string; headers: Record<string, string> } {
  const url = new URL(text);
  if (url.username === '' && url.password === '') return { address: url.href, headers: {} };
  const user = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = '';
  url.password = '';
  const bytes = new TextEncoder().encode(user);
  return { address: url.href, headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` } };
}

/** A password with a percent sign of its own is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
