/**
 * One repair: it finds what it can mend in a model and gives a changed copy, or nothing. The model that it was given stays
 * as it is, so that every repair can be left out.
 */
import type { ByteSource } from '../byteSource.ts';
import type { OnnxGraph, OnnxModel } from '../onnxModel.ts';

export type WholeModel = OnnxModel & { readonly graph: OnnxGraph };

export interface Mended {
  readonly model: WholeModel;
  readonly count: number;
  readonly reason: string;
}

export type Repair = (model: WholeModel, source: ByteSource) => Mended | undefined;

/** "1 node", "3 nodes". */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
