/**
 * Cameras, screens and microphones: the page opens them and hands their stream to the worker, which reads it until it ends.
 * One `read()` is pending at a time and never abandoned.
 */
import { Observable, type Subscriber } from 'rxjs';
import type { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';

export interface DeviceFeed<T> {
  readonly readable: ReadableStream<T>;
  readonly facts: string;
  /** Resolves with the reason when the device goes away. */
  readonly ended: Promise<WeirError>;
}

/** A frame of a camera, a piece of sound: it holds memory until it is closed. */
interface Piece {
  close(): void;
}

export interface Device<T> {
  /** Asks the page, the only thread that may open it; the signal gives it back. */
  acquire(signal: AbortSignal): Promise<DeviceFeed<T>>;
  /** Makes the reader of one opening, which takes each piece, closes it and emits what it holds. */
  createReader(subscriber: Subscriber<Delivery<Payload>>): (piece: T) => Promise<void> | void;
  /** What is said when the stream ends and the page gives no reason. */
  readonly stopped: string;
}

/** Between the end of a stream and the page's word on why. */
const reasonWaitMs = 300;

export function createDeviceSource<T extends Piece>(device: Device<T>, context: SourceContext): Source {
  return {
    pausable: false,
    open: () =>
      new Observable<Delivery<Payload>>((subscriber) => {
        const abort = new AbortController();
        const run = async (): Promise<WeirError> => {
          context.onState({ status: 'opening' });
          const feed = await device.acquire(abort.signal);
          context.onState({ status: 'open', facts: feed.facts });
          void feed.ended.then((error) => subscriber.error(error));
          const take = device.createReader(subscriber);
          const reader = feed.readable.getReader();
          for (;;) {
            const { done, value: piece } = await reader.read();
            if (done || subscriber.closed) {
              piece?.close();
              void reader.cancel();
              // The page knows better why, but its word may come after the stream's end.
              const unknown = new WeirError('device-gone', device.stopped);
              const waited = new Promise<WeirError>((settle) => setTimeout(() => settle(unknown), reasonWaitMs));
              return Promise.race([feed.ended, waited]);
            }
            try {
              await take(piece);
            } catch (error) {
              // What it still holds must not stop the device for whoever opens it next.
              void reader.cancel();
              throw error;
            }
          }
        };
        run().then(
          (error) => subscriber.error(error),
          (error: unknown) => {
            if (!abort.signal.aborted) subscriber.error(WeirError.wrap(error, 'device-gone'));
          },
        );
        return () => abort.abort();
      }),
  };
}
