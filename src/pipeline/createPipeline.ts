/**
 * The way of a frame, start to end; a newcomer reads this file first.
 *
 *   source emits a delivery              sources/
 *     gate admits, keeps or drops it     flow/
 *       engine: pixels, prepare, run     engine worker
 *         decode                         tasks/
 *           show                         preview
 *             settle                     metrics/ gets one row
 */
import { mergeMap, type Observable } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery, FlowObserver } from '../core/delivery.ts';
import type { EngineReply } from '../core/engine.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload, Picture } from '../core/payload.ts';
import type { TaskResult } from '../core/result.ts';
import type { Source } from '../core/source.ts';
import { gate } from '../flow/gate.ts';

export interface Stages {
  readonly clock: Clock;
  readonly observer: FlowObserver;
  /** Never rejects; the decoder belongs to the model that ran, which may be another one by the time it is used. */
  serve(
    payload: Payload,
  ): Promise<{ readonly reply: EngineReply; readonly decode: (reply: EngineReply & { ok: true }) => TaskResult }>;
  /** Shows the newest result; the picture is absent when none was asked for with this frame. */
  show(result: TaskResult, picture: Picture | undefined, delivery: Delivery): void;
  /** A served frame ends without being shown; what was asked of it for the preview is asked of the next one. */
  notShown(): void;
  frameFailed(error: WeirErrorData): void;
}

export function createPipeline(source: Source, gate$: Observable<GateSettings>, stages: Stages): Observable<Outcome> {
  return gate(source, gate$, stages).pipe(
    // The gate opens on credit only, so this never holds more than its limits allow.
    mergeMap((delivery) => serveToTheEnd(delivery, stages)),
  );
}

/** Takes one admitted delivery to its settlement, also when nobody listens any more. */
async function serveToTheEnd(delivery: Delivery<Payload>, stages: Stages): Promise<Outcome> {
  const { clock } = stages;
  const { reply, decode } = await stages.serve(delivery.payload);
  // A source that lost its connection has taken back what was in flight.
  const taken = delivery.outcome;
  const outcome = taken ?? conclude(delivery, reply, decode, stages);
  if (outcome.kind !== 'completed') stages.notShown();
  if (taken !== undefined) return taken;
  delivery.settle(outcome, clock.now());
  return outcome;
}

function conclude(
  delivery: Delivery<Payload>,
  reply: EngineReply,
  decode: (reply: EngineReply & { ok: true }) => TaskResult,
  stages: Stages,
): Outcome {
  const { stamps } = delivery;
  if (reply.times !== undefined) Object.assign(stamps, reply.times);
  delivery.markReturned(stages.clock.now());
  if (!reply.ok) return failure(reply.error, stages);
  try {
    const result = decode(reply);
    stamps.decoded = stages.clock.now();
    stages.show(result, reply.picture, delivery);
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
