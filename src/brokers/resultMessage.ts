/** The result of a job as the JSON that is published; docs/queues.md is its specification. */
import type { Stamps } from '../core/delivery.ts';
import type { MadeResult } from '../core/result.ts';

export interface ResultMessage {
  readonly v: 1;
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly model: { readonly name: string; readonly sha256: string } | null;
  readonly provider: string;
  /** Stages of DESIGN.md section 3, ms. */
  readonly ms: Readonly<Record<string, number>>;
  readonly kind: string;
  readonly result: readonly unknown[];
}

export function resultMessage(
  { result, model, provider }: MadeResult,
  stamps: Stamps,
  about: { readonly id: string; readonly attempt: number; readonly worker: string },
): Uint8Array<ArrayBuffer> {
  const { arrived, dequeued, began, prepared, ran, returned, decoded } = stamps;
  const ms = {
    queueing: dequeued - arrived,
    transfer: began - dequeued + (returned - ran),
    prepare: prepared - began,
    run: ran - prepared,
    decode: decoded - returned,
  };
  const message: ResultMessage = {
    v: 1,
    ...about,
    model: model ?? null,
    provider,
    ms: Object.fromEntries(
      Object.entries(ms).map(([stage, value]) => [stage, Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0]),
    ),
    kind: result.kind,
    result:
      result.kind === 'image' || result.kind === 'tensors'
        ? result.items.map(({ heatMap: _, ...summary }) => summary)
        : result.items,
  };
  return new TextEncoder().encode(JSON.stringify(message));
}
