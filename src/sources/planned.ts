/**
 * Deliveries on a seeded arrival plan, so that load is exact and repeatable: what the scene and the constant source share.
 * It can wait, so `block` is true; arrivals that the plan has left behind by more than a second are counted as missed.
 */
import { Observable } from 'rxjs';
import { createSchedule } from '../core/arrivals/createSchedule.ts';
import { Delivery } from '../core/delivery.ts';
import type { Payload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { wakeAt } from '../core/wakeAt.ts';

type SourceSettings = Settings['source'];

/** Later than this an intended arrival is not made up for: the plan has failed there, and says so. */
const maxLateMs = 1000;

export interface Plan {
  /** What arrives `t` seconds after the opening, to the microsecond, so that the same plan gives the same frames. */
  payload(settings: SourceSettings, t: number): Payload;
  facts(settings: SourceSettings): string;
}

export function createPlanned(settings$: Observable<SourceSettings>, context: SourceContext, plan: Plan): Source {
  const { clock } = context;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let nextId = 0;
        let asked = 0;
        let undo = () => {};
        let settings: SourceSettings | undefined;
        let schedule = { next: () => Infinity };
        let due = Infinity;
        let emitting = false;
        const openedAt = clock.now();

        const emitDue = () => {
          undo();
          undo = () => {};
          // A settlement downstream may bring demand back in the middle of the loop, which then sees it by itself.
          if (settings === undefined || emitting) return;
          emitting = true;
          let missed = 0;
          for (let now = clock.now(); due <= now && !subscriber.closed; now = clock.now()) {
            if (asked <= 0) {
              if (now - due <= maxLateMs) break;
              missed += 1;
              due = schedule.next();
              continue;
            }
            if (now - due > maxLateMs) missed += 1;
            else {
              asked -= 1;
              subscriber.next(
                new Delivery<Payload>({
                  id: nextId++,
                  source: context.id,
                  payload: plan.payload(settings, Math.round((due - openedAt) * 1000) / 1e6),
                  bytes: 0,
                  scheduled: due,
                  arrived: now,
                }),
              );
            }
            due = schedule.next();
          }
          emitting = false;
          if (missed > 0) context.onMissed(missed);
          if (subscriber.closed) return;
          // Without demand the plan sleeps until the oldest waiting arrival is given up; new demand wakes it earlier.
          // It is demand that decides, not the clock alone: time has gone on since the loop looked, and an arrival that
          // has just become due is not one that waits.
          undo = wakeAt(clock, asked <= 0 && due <= clock.now() ? due + maxLateMs + 1 : due, emitDue);
        };

        const settingsSubscription = settings$.subscribe((next) => {
          const first = settings === undefined;
          const replan =
            settings === undefined ||
            next.ratePerS !== settings.ratePerS ||
            next.arrivals !== settings.arrivals ||
            next.seed !== settings.seed;
          settings = next;
          if (replan) {
            schedule = createSchedule({
              arrivals: next.arrivals,
              ratePerS: next.ratePerS,
              seed: next.seed,
              // The first plan begins with the opening itself, so that frames do not depend on how long that took.
              startAt: first ? openedAt : clock.now(),
            });
            due = schedule.next();
          }
          context.onState({ status: 'open', facts: plan.facts(next) });
          emitDue();
        });
        const demandSubscription = demand.subscribe((more) => {
          asked = more;
          if (more > 0) emitDue();
        });
        return () => {
          settingsSubscription.unsubscribe();
          demandSubscription.unsubscribe();
          undo();
        };
      }),
  };
}
