/**
 * Image files of this computer, `.npy` arrays among them, one after the other at a rate. They wait for demand, so nothing
 * is lost; a file is read only when it is asked for, so a folder of ten thousand costs no memory.
 */
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import type { Payload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isNpy } from '../core/wire/npy.ts';
import { wakeAt } from './pacer.ts';

/** The part of a File that is needed. */
export type ImageFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/** Of one file; a picture within the limit of pixels is smaller. */
const maxBytes = 512 * 1024 * 1024;

/** Errors with `cancelled` when there is no file, because nothing is broken: they are still to be chosen. */
export function createImages(
  files: readonly ImageFile[],
  settings$: Observable<Settings['source']>,
  context: SourceContext,
): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        if (files.length === 0) {
          subscriber.error(new WeirError('cancelled', 'No images are chosen yet: drop them on the page.'));
          return;
        }
        let settings: Settings['source'] | undefined;
        let asked = 0;
        let next = 0;
        let due = clock.now();
        let reading = false;
        let undo = () => {};

        const step = () => {
          undo();
          if (subscriber.closed || reading || asked <= 0 || settings === undefined) return;
          if (next >= files.length && !settings.loop) {
            context.onState({ status: 'ended' });
            subscriber.complete();
            return;
          }
          // Files wait: a consumer that was late moves the plan, it does not make a backlog.
          due = Math.max(due, clock.now());
          undo = wakeAt(clock, due, () => void read());
        };

        const read = async () => {
          if (reading || subscriber.closed || settings === undefined) return;
          reading = true;
          const file = files[next % files.length] as ImageFile;
          const bytes = await bytesOf(file);
          reading = false;
          if (subscriber.closed) return;
          asked -= 1;
          const id = next++;
          const scheduled = due;
          due += 1000 / settings.ratePerS;
          subscriber.next(
            new Delivery<Payload>({
              id,
              source: context.id,
              payload: { kind: 'encoded', format: imageFormatOf(bytes) ?? (isNpy(bytes) ? 'npy' : 'unknown'), bytes },
              bytes: bytes.byteLength,
              scheduled,
              arrived: clock.now(),
            }),
          );
          step();
        };

        const settingsSubscription = settings$.subscribe((value) => {
          settings = value;
          const many = files.length === 1 ? 'one file' : `${files.length} files`;
          context.onState({ status: 'open', facts: `${many}${value.loop ? ', over and over' : ''}` });
          due = Math.min(due, clock.now() + 1000 / value.ratePerS);
          step();
        });
        const demandSubscription = demand.subscribe((more) => {
          asked = more;
          step();
        });
        return () => {
          settingsSubscription.unsubscribe();
          demandSubscription.unsubscribe();
          undo();
        };
      }),
  };
}

/** Nothing where the file cannot be read or is beyond all limits: it then fails as a frame that cannot be decoded. */
async function bytesOf(file: ImageFile): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > maxBytes) return new Uint8Array(0);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return new Uint8Array(0); // moved or changed on disk since it was chosen
  }
}
