/**
 * The engine that serves now, and those on their way out: a replaced engine ends its frames before its workers end.
 * Each frame keeps the card of the engine that ran it.
 */
import type { ModelInfo } from '../core/card.ts';
import type { EngineReply, InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { CheckedOutputs } from '../core/telemetry.ts';
import type { MadeResult, TaskResult } from '../core/result.ts';
import { allZero, checkNumbers } from '../tasks/checkNumbers.ts';
import { decode } from '../tasks/decode.ts';
import type { Inspection } from './protocol.ts';
import type { EngineChoice } from './resolveEngine.ts';

export interface Serving {
  readonly engine: InferenceEngine;
  /** Undefined with the simulated engine, which needs none. */
  model: ModelInfo | undefined;
  readonly downloadMs: number;
  /** What it was built from. */
  readonly choice: EngineChoice;
}

/** Replies in the order of the payloads, and the decoder of the model that ran them. */
export interface Served extends Pick<MadeResult, 'model' | 'provider'> {
  readonly replies: readonly EngineReply[];
  decode(reply: EngineReply & { ok: true }): TaskResult;
}

export interface EngineHolder {
  current(): Serving | undefined;
  /** Serves from now on; the one before it leaves when its last frame is back. */
  replace(next: Serving | undefined): void;
  /** Runs these together; the picture is asked with the first. Never rejects. */
  serve(payloads: readonly Payload[], picture: { readonly recycle?: ArrayBuffer } | undefined): Promise<Served>;
  /** What was found in the outputs of the engine that serves. */
  checked(): CheckedOutputs;
  /** The tensors of the next frame that is served. */
  inspectNext(): Promise<Inspection>;
  /** No frame will come: whoever waits for one is told so. */
  cancelInspections(): void;
}

const nothingChecked: CheckedOutputs = { frames: 0, notNumbers: 0, allZero: 0 };
const noEngine: EngineReply = { ok: false, error: { code: 'cancelled', message: 'No engine is running.' } };

/** @param retire has the engine that was replaced, when its last frame is back */
export function createEngineHolder(retire: (serving: Serving) => void): EngineHolder {
  let current: { serving: Serving; pending: number; retired: boolean; checked: CheckedOutputs } | undefined;
  let inspectors: { resolve(inspection: Inspection): void; reject(error: WeirError): void }[] = [];

  return {
    current: () => current?.serving,
    replace(next) {
      const last = current;
      if (last !== undefined && next?.engine === last.serving.engine) {
        last.serving = next;
        return;
      }
      current =
        next === undefined ? undefined : { serving: next, pending: 0, retired: false, checked: { ...nothingChecked } };
      if (last === undefined) return;
      last.retired = true;
      if (last.pending === 0) retire(last.serving);
    },
    async serve(payloads, picture) {
      const slot = current;
      if (slot === undefined)
        return {
          model: undefined,
          provider: 'none',
          replies: payloads.map(() => noEngine),
          decode: () => ({ kind: 'tensors', items: [] }),
        };
      const inspecting = inspectors;
      inspectors = [];
      slot.pending += 1;
      const replies = await slot.serving.engine.run(
        payloads.map((payload, index) => ({
          payload,
          ...(picture === undefined || index > 0 ? {} : { picture }),
          ...(inspecting.length === 0 || index > 0 ? {} : { inspect: true }),
        })),
      );
      slot.pending -= 1;
      if (slot.retired && slot.pending === 0) retire(slot.serving);
      const [first] = replies;
      if (first?.ok === true) {
        for (const { resolve } of inspecting)
          resolve({ input: first.inputs?.[0], inputs: first.inputs ?? [], outputs: first.outputs });
      } else inspectors.push(...inspecting);
      const { engine, model } = slot.serving;
      return {
        model,
        provider: engine.facts.provider,
        replies,
        decode: ({ outputs, fit }) => {
          slot.checked.frames += 1;
          if (allZero(outputs)) slot.checked.allZero += 1;
          try {
            checkNumbers(outputs);
          } catch (error) {
            slot.checked.notNumbers += 1;
            throw error;
          }
          const card = slot.serving.model?.card;
          return card === undefined ? { kind: 'tensors', items: [] } : decode(outputs, fit, card);
        },
      };
    },
    inspectNext: () =>
      new Promise((resolve, reject) => {
        inspectors.push({ resolve, reject });
      }),
    checked: () => current?.checked ?? nothingChecked,
    cancelInspections() {
      for (const { reject } of inspectors)
        reject(new WeirError('cancelled', 'It was stopped before another frame came.'));
      inspectors = [];
    },
  };
}
