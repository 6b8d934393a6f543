/**
 * What a person can find out about the open model on this machine: which way to run it is best, where its time goes, and
 * whether its outputs are right. What must be alone to be true interrupts the run.
 */
import type { Agreement } from '../core/agreement.ts';
import { carriesState } from '../core/card.ts';
import { type Choices, type MeasuredChoice, noChoices } from '../core/choices.ts';
import type { Clock } from '../core/clock.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { Profile } from '../core/profile.ts';
import type { OpenModel } from './createEngine.ts';
import type { Candidate, measureChoice } from './measureChoices.ts';
import type { Inspection, ModelFile } from './protocol.ts';
import type { EngineChoice } from './resolveEngine.ts';

export interface ExaminerHost {
  readonly clock: Clock;
  readonly cores: number;
  /** Whether a graphics processor is worth measuring. */
  hasGpu(): Promise<boolean>;
  createEngine(choice: EngineChoice, model: OpenModel, signal: AbortSignal): Promise<InferenceEngine>;
  profileEngine(choice: EngineChoice, model: OpenModel, signal: AbortSignal): Promise<Profile>;
}

export interface Examined {
  model(): OpenModel | undefined;
  choice(): EngineChoice;
  /** Stops what runs; what is returned lets it go on, unless somebody has said otherwise meanwhile. */
  interrupt(): () => void;
  /** The tensors of the next frame, and the provider that ran it. Throws where none comes. */
  inspect(): Promise<Inspection & { readonly provider: string }>;
  told(choices: Choices): void;
  /** What is chosen may have changed. */
  rebuild(): Promise<void>;
}

export interface Examiner {
  /** What was measured of the model with these files. */
  measured(files: readonly ModelFile[] | undefined): readonly MeasuredChoice[];
  measure(): Promise<Choices>;
  profile(): Promise<Profile>;
  compare(): Promise<Agreement>;
  /** Another model is open. */
  forget(): void;
  cancel(): void;
}

export function createExaminer(host: ExaminerHost, station: Examined): Examiner {
  let known: { readonly files: readonly ModelFile[]; readonly choices: Choices } | undefined;
  let busy: AbortController | undefined;

  function opened(): OpenModel {
    const model = station.model();
    if (model === undefined) throw new WeirError('bad-settings', 'No model is open: open one first, then measure.');
    return model;
  }

  /** @throws WeirError bad-settings while another one is under way, cancelled by Start, Stop or another model */
  async function alone<T>(work: (model: OpenModel, signal: AbortSignal) => Promise<T>): Promise<T> {
    const model = opened();
    if (busy !== undefined) throw new WeirError('bad-settings', 'This model is being measured already.');
    const abort = new AbortController();
    busy = abort;
    const goOn = station.interrupt();
    try {
      return await work(model, abort.signal);
    } finally {
      busy = undefined;
      goOn();
    }
  }

  function tell(files: readonly ModelFile[], choices: Choices): void {
    known = { files, choices };
    station.told(choices);
  }

  /** A way that cannot be gone is told in words; being cancelled ends the whole. */
  async function measureOne(
    candidate: Candidate,
    model: OpenModel,
    time: typeof measureChoice,
    signal: AbortSignal,
  ): Promise<MeasuredChoice | string> {
    let engine: InferenceEngine | undefined;
    try {
      engine = await host.createEngine({ ...station.choice(), ...candidate }, model, signal);
      // What was asked for may not be what can be had.
      const { provider, sessions, threads } = engine.facts;
      if (provider === 'simulated') throw new Error('A simulation is not measured.');
      return await time(engine, { provider, sessions, threads }, model.info, host.clock, signal);
    } catch (error) {
      if (signal.aborted) throw new WeirError('cancelled', 'Measuring was cancelled.');
      const { message } = WeirError.wrap(error, 'bad-output');
      return `${candidate.provider}, ${candidate.sessions} × ${candidate.threads}: ${message}`;
    } finally {
      engine?.dispose();
    }
  }

  return {
    measured: (files) => (known !== undefined && known.files === files ? known.choices.rows : []),
    async measure() {
      const { candidatesOf, measureChoice } = await import('./measureChoices.ts');
      return alone(async (model, signal) => {
        const { files, info } = model;
        let choices = noChoices;
        try {
          const isolated = globalThis.crossOriginIsolated ?? false;
          const candidates = candidatesOf({ cores: host.cores, isolated, gpu: await host.hasGpu() }, info);
          for (const [index, candidate] of candidates.entries()) {
            tell(files, { ...choices, measuring: { index: index + 1, of: candidates.length } });
            const row = await measureOne(candidate, model, measureChoice, signal);
            const { rows, left } = choices;
            choices = typeof row === 'string' ? { rows, left: [...left, row] } : { rows: [...rows, row], left };
          }
        } finally {
          // Cut short it would tell half the truth.
          tell(files, signal.aborted ? noChoices : choices);
        }
        await station.rebuild();
        return choices;
      });
    },
    profile: () => alone((model, signal) => host.profileEngine(station.choice(), model, signal)),
    async compare() {
      const model = opened();
      if (station.choice().provider === 'simulated')
        throw new WeirError('bad-settings', 'The simulated engine has no outputs: run the model on another one first.');
      if (carriesState(model.info.card))
        throw new WeirError(
          'bad-settings',
          'The model carries state from run to run: single frames cannot be compared.',
        );
      const { input, outputs, provider } = await station.inspect();
      if (input === undefined)
        throw new WeirError('bad-settings', 'Nothing feeds this model, so all its runs are the same.');
      const reference = { ...station.choice(), provider: 'wasm', sessions: 1, threads: 1 } as const;
      const { compareOutputs } = await import('../tasks/compareOutputs.ts');
      const engine = await host.createEngine(reference, model, new AbortController().signal);
      try {
        const payload: Payload = { kind: 'tensor', type: input.type, dims: input.dims, data: input.data };
        const [reply] = await engine.run([{ payload }]);
        if (reply?.ok !== true)
          throw WeirError.fromData(reply?.error ?? { code: 'bad-output', message: 'No reply came.' });
        return { ...compareOutputs(outputs, reply.outputs), provider };
      } finally {
        engine.dispose();
      }
    },
    forget() {
      busy?.abort();
      if (known === undefined) return;
      known = undefined;
      station.told(noChoices);
    },
    cancel: () => busy?.abort(),
  };
}
