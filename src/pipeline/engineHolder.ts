/**
 * The engine that serves now, and those on their way out: a replaced engine ends its frames before its workers end.
 * Each frame keeps the card of the engine that ran it.
 */
import type { ModelInfo } from '../core/card.ts';
import type { EngineReply, InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Payload } from '../core/payload.ts';
import type { TaskResult } from '../core/result.ts';
import { decode } from '../tasks/decode.ts';
import type { Inspection } from './protocol.ts';

export interface Serving {
  readonly engine: InferenceEngine;
  /** Undefined with the simulated engine, which needs none. */
  model: ModelInfo | undefined;
  readonly downloadMs: number;
}

export interface EngineHolder {
  current(): Serving | undefined;
  /** Serves from now on; the one before it leaves when its last frame is back. */
  replace(next: Serving | undefined): void;
  serve(
    payload: Payload,
    picture: { readonly recycle?: ArrayBuffer } | undefined,
  ): Promise<{ readonly reply: EngineReply; readonly decode: (reply: EngineReply & { ok: true }) => TaskResult }>;
  /** The tensors of the next frame that is served. */
  inspectNext(): Promise<Inspection>;
  /** No frame will come: whoever waits for one is told so. */
  cancelInspections(): void;
}

const noEngine: EngineReply = { ok: false, error: { code: 'cancelled', message: 'No engine is running.' } };

export function createEngineHolder(): EngineHolder {
  let current: { serving: Serving; pending: number; retired: boolean } | undefined;
  let inspectors: { resolve(inspection: Inspection): void; reject(error: WeirError): void }[] = [];

  return {
    current: () => current?.serving,
    replace(next) {
      const last = current;
      current = next === undefined ? undefined : { serving: next, pending: 0, retired: false };
      if (last === undefined) return;
      last.retired = true;
      if (last.pending === 0) last.serving.engine.dispose();
    },
    async serve(payload, picture) {
      const slot = current;
      if (slot === undefined) return { reply: noEngine, decode: () => ({ kind: 'tensors', items: [] }) };
      const inspecting = inspectors;
      inspectors = [];
      slot.pending += 1;
      const reply = await slot.serving.engine.run({
        payload,
        ...(picture === undefined ? {} : { picture }),
        ...(inspecting.length === 0 ? {} : { inspect: true }),
      });
      slot.pending -= 1;
      if (slot.retired && slot.pending === 0) slot.serving.engine.dispose();
      if (reply.ok) {
        for (const { resolve } of inspecting)
          resolve({ input: reply.inputs?.[0], inputs: reply.inputs ?? [], outputs: reply.outputs });
      } else inspectors.push(...inspecting);
      return {
        reply,
        decode: ({ outputs, fit }) => {
          const card = slot.serving.model?.card;
          return card === undefined ? { kind: 'tensors', items: [] } : decode(outputs, fit, card);
        },
      };
    },
    inspectNext: () =>
      new Promise((resolve, reject) => {
        inspectors.push({ resolve, reject });
      }),
    cancelInspections() {
      for (const { reject } of inspectors)
        reject(new WeirError('cancelled', 'It was stopped before another frame came.'));
      inspectors = [];
    },
  };
}
