/**
 * A recording of this computer, part by part: what video and sound files share. It waits for its consumer, so `block` loses
 * nothing; it can be played at any speed, in a loop, from any place, and goes on where a pause left it.
 */
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isPaused, type Place, stepBack } from './place.ts';
import { createPlayback } from './playback.ts';

export interface TakenPart {
  readonly payload: Payload;
  readonly bytes: number;
  readonly onSettle?: (outcome: Outcome) => void;
}

/** A decoded frame or a window of sound. */
export interface Part {
  /** When it is shown or has been heard, s. */
  readonly atS: number;
  readonly lengthS: number;
  /** It is being copied out; whatever held it is closed afterwards. */
  readonly taken: Promise<TakenPart>;
}

export interface Recording {
  readonly facts: string;
  /** As the file says; undefined where only reading all of it would tell. */
  readonly durationS?: number;
  /** Parts in their order, from the one at `fromS` on. */
  parts(fromS: number): AsyncGenerator<Part, void, void>;
  end(): void;
}

export interface RecordingOptions {
  readonly file: File | undefined;
  /** @throws WeirError cannot-decode when this browser cannot play it; any other error means a damaged file */
  open(file: File): Promise<Recording>;
  /** What is said when no file was chosen. */
  readonly none: string;
  /** What is said of a damaged file. */
  readonly damaged: string;
}

/** Errors with `cancelled` when there is no file, `cannot-decode` when this browser cannot play it. */
export function createRecordingSource(
  { file, open: openFile, none, damaged }: RecordingOptions,
  settings$: Observable<Settings['source']>,
  place: Place,
  context: SourceContext,
): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        const playback = createPlayback(clock);
        let loop = false;
        let startS: number | undefined;
        /** Where to go on, s; a part up to `seen` was served before a pause. */
        let from = 0;
        let seen = -Infinity;
        let jumped = false;
        let id = 0;

        /** Gives the length of the last part, s, so that the next round begins after it. */
        const round = async ({ parts, facts, durationS }: Recording): Promise<number> => {
          let lengthS = 0;
          const iterator = parts(from);
          let coming = iterator.next();
          try {
            for (;;) {
              const { done, value: part } = await coming;
              if (done === true) break;
              // The next one is decoded and copied while this one waits for its turn and is served.
              coming = iterator.next();
              const taken = await part.taken;
              if (part.atS <= seen) continue;
              if (jumped) break;
              const due = await playback.turn(part.atS);
              if (due === undefined || subscriber.closed) break;
              lengthS = part.lengthS;
              const before = place.at;
              place.at = part.atS;
              const reached = { positionS: part.atS, ...(durationS === undefined ? {} : { durationS }) };
              context.onState({ status: 'open', facts, ...reached });
              const onSettle = (outcome: Outcome) => {
                taken.onSettle?.(outcome);
                if (isPaused(outcome)) stepBack(place, before);
              };
              subscriber.next(
                new Delivery<Payload>({
                  id: id++,
                  source: context.id,
                  scheduled: due,
                  arrived: clock.now(),
                  ...taken,
                  onSettle,
                }),
              );
              if (subscriber.closed || jumped) break;
            }
          } finally {
            const [last] = await Promise.allSettled([coming]);
            if (last.status === 'fulfilled' && last.value.done !== true)
              await Promise.allSettled([last.value.value.taken]);
            await iterator.return();
          }
          return lengthS;
        };

        const play = async (chosen: File): Promise<void> => {
          context.onState({ status: 'opening' });
          const recording = await openFile(chosen);
          subscriber.add(() => recording.end());
          do {
            jumped = false;
            const before = id;
            const lengthS = await round(recording);
            if (subscriber.closed) return;
            if (jumped) continue;
            // A file without a single part would go round for ever.
            if (id === before && from === 0) break;
            from = 0;
            seen = -Infinity;
            playback.jump(lengthS);
          } while (jumped || loop);
          place.at = undefined;
          context.onState({ status: 'ended' });
          subscriber.complete();
        };

        const settingsSubscription = settings$.subscribe((settings) => {
          loop = settings.loop;
          playback.setSpeed(settings.speed);
          if (settings.startS === startS) return;
          const resumes = startS === undefined && place.at !== undefined;
          from = resumes ? (place.at ?? 0) : settings.startS;
          seen = resumes ? from : -Infinity;
          startS = settings.startS;
          jumped = true;
          playback.jump();
        });
        const demandSubscription = demand.subscribe((more) => playback.setDemand(more));
        if (file === undefined) subscriber.error(new WeirError('cancelled', none));
        else play(file).catch((error: unknown) => subscriber.error(WeirError.wrap(error, 'cannot-decode', damaged)));
        return () => {
          settingsSubscription.unsubscribe();
          demandSubscription.unsubscribe();
          playback.close();
        };
      }),
  };
}
