/** Opens cameras, screens and microphones for the pipeline worker, which cannot; each request has an id and one device. */
import { WeirError } from '../core/errors.ts';
import type { DeviceRequest, ToPipeline } from './protocol.ts';
import { openCamera } from '../sources/camera.page.ts';
import { openMicrophone } from '../sources/microphone.page.ts';
import { openScreen } from '../sources/screen.page.ts';

export interface DeviceHost {
  open(request: DeviceRequest): void;
  close(id: number): void;
}

export function createDeviceHost(send: (message: ToPipeline, transfer?: Transferable[]) => void): DeviceHost {
  const open = new Map<number, { stop(): void }>();
  const closed = new Set<number>();

  /** Opens one device and hands its stream over; `tell` makes the message of what was opened. */
  async function hand<D extends { stop(): void; readable: ReadableStream; facts: string }>(
    id: number,
    device: Promise<D>,
    tell: (opened: D) => ToPipeline,
  ): Promise<void> {
    try {
      const opened = await device;
      // Given up while the person was still being asked.
      if (closed.has(id)) {
        opened.stop();
        return;
      }
      open.set(id, opened);
      send(tell(opened), [opened.readable]);
    } catch (error) {
      fail(id, error);
    }
  }
  const fail = (id: number, error: unknown) =>
    send({ kind: 'deviceFailed', id, error: WeirError.wrap(error, 'device-gone').toData() });

  return {
    open(request) {
      const { id, device } = request;
      const ended = (error: WeirError) => fail(id, error);
      if (device === 'microphone') {
        void hand(id, openMicrophone(request, ended), ({ readable, facts }) => ({
          kind: 'soundOpened',
          id,
          readable,
          facts,
        }));
        return;
      }
      const opening = device === 'camera' ? openCamera(request, ended) : openScreen(ended);
      void hand(id, opening, ({ readable, facts }) => ({ kind: 'framesOpened', id, readable, facts }));
    },
    close(id) {
      closed.add(id);
      open.get(id)?.stop();
      open.delete(id);
    },
  };
}

export { listDevices } from '../sources/devices.page.ts';
