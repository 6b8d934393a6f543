/** The second half of a run: frames that are ready through the session, and a reply for each of them. */
import { systemClock } from '../core/clock.ts';
import type { EngineReply } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import { classifyError, poisons } from './classifyError.ts';
import type { Ready } from './feedJobs.ts';
import type { OrtSession } from './ortSession.ts';
import { splitOutputs } from './stack.ts';

export interface Ran {
  /** In the order of the jobs. */
  readonly replies: readonly EngineReply[];
  readonly poisoned: boolean;
}

export async function runReady(ready: Ready, session: OrtSession | undefined): Promise<Ran> {
  const { began, prepared, frames, input } = ready;
  const started = systemClock.now();
  const good = frames.filter(({ ok }) => ok).length;
  if (good === 0) return { replies: frames.map((frame) => refused(frame, ready)), poisoned: ready.poisoned };
  try {
    if (session === undefined) throw new WeirError('cannot-feed', 'No model is open.');
    const inspected = frames.map((frame) =>
      frame.ok && frame.inspect !== undefined ? session.inputsOf(frame.inspect.input) : undefined,
    );
    const outputs = await session.run(input);
    const times = { began, prepared, started, ran: systemClock.now() };
    const parts = good > 1 ? splitOutputs(outputs, good) : [outputs];
    let place = 0;
    const replies = frames.map((frame, index): EngineReply => {
      if (!frame.ok) return refused(frame, ready);
      const { fit, picture } = frame;
      const inputs = inspected[index];
      return {
        ok: true,
        times,
        outputs: parts[place++] ?? [],
        fit,
        ...(picture === undefined ? {} : { picture }),
        ...(inputs === undefined ? {} : { inputs }),
      };
    });
    return { replies, poisoned: ready.poisoned };
  } catch (thrown) {
    const error = classifyError(thrown, 'run');
    const times = { began, prepared, started, ran: systemClock.now() };
    return {
      replies: frames.map((frame) => (frame.ok ? { ok: false, error: error.toData(), times } : refused(frame, ready))),
      poisoned: ready.poisoned || poisons(thrown, error.code),
    };
  }
}

/** A frame that could not be made ready took part in no run. */
function refused(frame: Ready['frames'][number], { began, prepared }: Ready): EngineReply {
  if (frame.ok) throw new Error('A frame that is ready is run.');
  return { ok: false, error: frame.error, times: { began, prepared, started: prepared, ran: prepared } };
}
