/**
 * The way of a frame, start to end; a newcomer reads this file first.
 *
 *   source emits a delivery              sources/
 *     gate admits, keeps or drops it     flow/
 *       batch gathers some, or one       flow/
 *         engine: pixels, prepare, run   engine worker
 *           in order, or as it is ready  flow/
 *             decode                     tasks/
 *               show                     preview
 *                 store                  a work queue: its result is published and confirmed
 *                   settle               metrics/ gets one row
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery, FlowObserver } from '../core/delivery.ts';
import type { EngineReply } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { BatchSettings, GateSettings } from '../core/gateSettings.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload, Picture } from '../core/payload.ts';
import type { TaskResult } from '../core/result.ts';
import type { Source } from '../core/source.ts';
import type { WakeAt } from '../core/wakeAt.ts';
import { batch } from '../flow/batch.ts';
import type { Credit } from '../flow/credit.ts';
import { gate } from '../flow/gate.ts';
import { inOrder, type Order } from '../flow/inOrder.ts';
import type { Served } from './engineHolder.ts';

export interface Stages {
  readonly clock: Clock;
  readonly observer: FlowObserver;
  /** Of the engine; the gates of all sources draw on it. */
  readonly credit: Credit;
  readonly batch$: Observable<BatchSettings>;
  readonly order$: Observable<Order>;
  readonly wake?: WakeAt;
  /** Never rejects; the decoder belongs to the model that ran, which may be another one by the time it is used. */
  serve(payloads: readonly Payload[]): Promise<Served>;
  /** Shows the newest result; the picture is absent when none was asked for with this frame. */
  show(result: TaskResult, picture: Picture | undefined, delivery: Delivery<Payload>): void;
  /** A served frame ends without being shown; what was asked of it for the preview is asked of the next one. */
  notShown(): void;
  frameFailed(error: WeirErrorData): void;
}

type Frame = Delivery<Payload>;

export function createPipeline(
  source: Source,
  gate$: Observable<GateSettings>,
  stages: Stages,
): Observable<readonly Outcome[]> {
  return gate(source, gate$, stages).pipe(
    batch(stages.batch$, stages),
    // The gate opens on credit only, so this never holds more than its limits allow.
    inOrder(
      (frames) => serve(frames, stages),
      (served, frames, waited) => frames.map((frame, place) => conclude(frame, served, place, waited, stages)),
      stages.order$,
    ),
  );
}

/** The engine slots are free as soon as the replies are back, whenever the turn of the frames comes. */
async function serve(frames: readonly Frame[], stages: Stages): Promise<Served> {
  const served = await stages.serve(frames.map(({ payload }) => payload));
  const now = stages.clock.now();
  for (const [place, frame] of frames.entries()) {
    // A source that lost its connection has taken back what was in flight.
    if (frame.outcome !== undefined) continue;
    const times = served.replies[place]?.times;
    if (times !== undefined) Object.assign(frame.stamps, times);
    frame.markReturned(now);
  }
  return served;
}

/** Takes one served frame to its settlement. */
function conclude(frame: Frame, served: Served, place: number, waited: boolean, stages: Stages): Outcome {
  const taken = frame.outcome;
  if (taken === undefined && waited) frame.stamps.ordered = stages.clock.now();
  const outcome =
    taken ??
    decoded(frame, served, place, stages, (result) => {
      const { model, provider } = served;
      void frame.store?.({ result, model, provider }).then((kept) => {
        if (frame.outcome !== undefined) return;
        if (kept.kind === 'failed') stages.frameFailed(kept.error);
        frame.settle(kept, stages.clock.now());
      });
    });
  if (outcome.kind !== 'completed') stages.notShown();
  const isBeingStored = outcome.kind === 'completed' && frame.store !== undefined;
  if (taken === undefined && !isBeingStored) frame.settle(outcome, stages.clock.now());
  return outcome;
}

function decoded(
  frame: Frame,
  { replies, decode }: Served,
  place: number,
  stages: Stages,
  keep: (result: TaskResult) => void,
): Outcome {
  const reply: EngineReply | undefined = replies[place];
  if (reply === undefined) throw new Error('Each frame has a reply.');
  if (!reply.ok) return failure(reply.error, stages);
  try {
    const result = decode(reply);
    frame.stamps.decoded = stages.clock.now();
    // The picture goes away with its drawing.
    keep(result);
    stages.show(result, reply.picture, frame);
    return { kind: 'completed' };
  } catch (error) {
    return failure(WeirError.wrap(error, 'bad-output').toData(), stages);
  }
}

function failure(error: WeirErrorData, stages: Stages): Outcome {
  if (error.code === 'cancelled') return { kind: 'dropped', cause: 'cancelled' };
  stages.frameFailed(error);
  return { kind: 'failed', error };
}
