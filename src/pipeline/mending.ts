/**
 * The repairs of the model that is open: checked after its first result, taken back where they change it, and made anew when
 * a person switches one.
 */
import type { InferenceEngine } from '../core/engine.ts';
import type { MendedModel, RepairCheck, RepairKind } from '../core/repair.ts';
import type { OpenModel } from './createEngine.ts';
import type { FromPipeline, ModelFile } from './protocol.ts';
import { createRepairChecks, type RepairChecks } from './repairChecks.ts';
import type { EngineChoice } from './resolveEngine.ts';

export interface MendingHost {
  /** Mends a model that is open in another way than it was. */
  mend(file: ModelFile, off: readonly RepairKind[]): Promise<MendedModel | undefined>;
  createEngine(settings: EngineChoice, model: OpenModel | undefined, signal: AbortSignal): Promise<InferenceEngine>;
  send(message: FromPipeline): void;
}

export interface Mended {
  model(): OpenModel | undefined;
  choice(): EngineChoice;
  /** The open model is this one from now on. */
  adopt(model: OpenModel): void;
  /** Builds the engine of the open model, if another one serves. */
  rebuild(): Promise<void>;
  rebuildQuietly(): void;
}

export interface Mending extends RepairChecks {
  /** Mends the open model without these repairs. Where the engine cannot be built so, all is as it was. */
  again(off: readonly RepairKind[]): Promise<void>;
}

export function createMending(host: MendingHost, station: Mended): Mending {
  const checks = createRepairChecks((of) => {
    const choice = { ...station.choice(), provider: 'wasm', sessions: 1, threads: 1 } as const;
    return host.createEngine(choice, of, new AbortController().signal);
  }, checked);

  function checked(of: OpenModel, check: RepairCheck): void {
    const model = station.model();
    const made = of.mended?.repair;
    if (model === undefined || made === undefined || model.mended !== of.mended) return;
    if (check.status !== 'differs') {
      const repair = { ...made, check };
      return station.adopt({ ...model, info: { ...model.info, repair } });
    }
    const { mended: _, ...original } = model;
    const repair = { notes: [], off: made.off, check };
    station.adopt({ ...original, info: { ...model.info, repair } });
    host.send({
      kind: 'notice',
      level: 'notice',
      title: 'The repairs of this model were taken back',
      error: {
        code: 'bad-output',
        message: `With them it gave other results. ${check.why} It runs as the file has it.`,
      },
    });
    station.rebuildQuietly();
  }

  return {
    ...checks,
    async again(off) {
      const before = station.model();
      const [main] = before?.files ?? [];
      if (before === undefined || main === undefined) return;
      const mended = checks.known(before.info.sha256, await host.mend(main, off));
      const now = station.model();
      // Another model was opened meanwhile.
      if (now?.files !== before.files) return;
      const { repair: _, ...info } = now.info;
      const repair = mended?.repair === undefined ? {} : { repair: mended.repair };
      station.adopt({ files: now.files, mended, info: { ...info, ...repair } });
      try {
        await station.rebuild();
      } catch (error) {
        if (station.model()?.files === before.files) station.adopt(before);
        throw error;
      }
    },
  };
}
