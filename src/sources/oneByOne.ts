/**
 * Files of this computer, one after the other at a rate: what image files and plain bytes share. They wait for demand, so
 * nothing is lost; a file is read shortly before its turn, so that a folder of ten thousand costs no memory and none is late.
 */
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { wakeAt } from '../core/wakeAt.ts';
import { isPaused, type Place, stepBack } from './place.ts';
import type { ReadPayload } from './readFile.ts';

/** Files that are being read, or wait for their turn. */
const readAhead = 2;

export interface OneByOne<F> {
  readonly files: readonly F[];
  /** Never rejects: what cannot be read becomes a payload that fails as one frame. */
  read(file: F): Promise<ReadPayload>;
  /** What is said when no file was chosen. */
  readonly none: string;
}

/** Errors with `cancelled` when there is no file, because nothing is broken: they are still to be chosen. */
export function createOneByOne<F>(
  { files, read, none }: OneByOne<F>,
  settings$: Observable<Settings['source']>,
  place: Place,
  context: SourceContext,
): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        if (files.length === 0) {
          subscriber.error(new WeirError('cancelled', none));
          return;
        }
        let settings: Settings['source'] | undefined;
        let asked = 0;
        let next = place.at ?? 0;
        let due = clock.now();
        let taking = false;
        let undo = () => {};
        const ahead: Promise<ReadPayload>[] = [];
        let nextRead = next;

        /** Whoever ends the loop still sees the round to its end. */
        const isThere = (index: number) => settings?.loop === true || index === 0 || index % files.length !== 0;
        const fill = () => {
          for (; ahead.length < readAhead && isThere(nextRead); nextRead++)
            ahead.push(read(files[nextRead % files.length] as F));
        };

        const step = () => {
          undo();
          if (subscriber.closed || taking || asked <= 0 || settings === undefined) return;
          if (!isThere(next)) {
            place.at = undefined;
            context.onState({ status: 'ended' });
            subscriber.complete();
            return;
          }
          const now = clock.now();
          // Files wait: a consumer that was late moves the plan, it does not make a backlog.
          due = settings.speed === 0 ? now : Math.max(due, now);
          if (due <= now) void take();
          else undo = wakeAt(clock, due, () => void take());
        };

        const take = async () => {
          if (taking || subscriber.closed || settings === undefined) return;
          fill();
          const [reading] = ahead;
          if (reading === undefined) return;
          taking = true;
          const { payload, bytes } = await reading;
          taking = false;
          // Demand may have been taken back while it was read: it stays the next one.
          if (subscriber.closed || asked <= 0) return;
          void ahead.shift();
          fill();
          asked -= 1;
          const id = next++;
          place.at = next;
          const onSettle = (outcome: Outcome) => {
            if (isPaused(outcome)) stepBack(place, id);
          };
          const scheduled = due;
          due += 1000 / settings.ratePerS;
          subscriber.next(
            new Delivery<Payload>({
              id,
              source: context.id,
              payload,
              bytes,
              scheduled,
              arrived: clock.now(),
              onSettle,
            }),
          );
          step();
        };

        const settingsSubscription = settings$.subscribe((value) => {
          settings = value;
          const many = files.length === 1 ? 'one file' : `${files.length} files`;
          context.onState({ status: 'open', facts: `${many}${value.loop ? ', over and over' : ''}` });
          due = Math.min(due, clock.now() + 1000 / value.ratePerS);
          fill();
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
