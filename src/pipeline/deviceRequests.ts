/** What was asked of the page and has not been answered yet: devices of one kind of stream, by the id of their request. */
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { DeviceFeed } from '../sources/device.ts';

export interface DeviceRequests<T> {
  /** `ask` tells the page; the signal gives the device back. */
  acquire(id: number, signal: AbortSignal, ask: () => void, giveBack: () => void): Promise<DeviceFeed<T>>;
  opened(id: number, feed: { readonly readable: ReadableStream<T>; readonly facts: string }): void;
  /** Not opened, or gone later. */
  failed(id: number, error: WeirErrorData): void;
}

interface Waiting<T> {
  resolve(feed: { readable: ReadableStream<T>; facts: string }): void;
  reject(error: WeirError): void;
  ended(error: WeirError): void;
}

export function createDeviceRequests<T>(): DeviceRequests<T> {
  const waiting = new Map<number, Waiting<T>>();
  return {
    acquire: (id, signal, ask, giveBack) =>
      new Promise((resolve, reject) => {
        let end = (_: WeirError) => {};
        const ended = new Promise<WeirError>((settle) => {
          end = settle;
        });
        waiting.set(id, { resolve: (feed) => resolve({ ...feed, ended }), reject, ended: end });
        signal.addEventListener('abort', () => {
          waiting.delete(id);
          giveBack();
          reject(new WeirError('cancelled', 'The device was closed.'));
        });
        ask();
      }),
    opened: (id, feed) => waiting.get(id)?.resolve(feed),
    failed(id, data) {
      const error = WeirError.fromData(data);
      waiting.get(id)?.reject(error);
      waiting.get(id)?.ended(error);
    },
  };
}
