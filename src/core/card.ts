/** The model card: task, preparation and decoding of a model, guessed with reasons, editable by a person. */
import type { TensorInfo, TensorType } from './tensor.ts';

/**
 * From an upright RGBA picture to the input tensor. Per channel `value = (pixel * scale - mean) / std`, pixel in 0..255,
 * then clamped and rounded (half away from zero) where `type` is an integer type.
 */
export interface Prepare {
  readonly input: string;
  readonly width: number;
  readonly height: number;
  readonly fit: 'stretch' | 'letterbox' | 'crop';
  readonly color: 'rgb' | 'bgr' | 'gray';
  readonly layout: 'nchw' | 'nhwc';
  readonly type: TensorType;
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Pixel value of the letterbox border, 0..255. */
  readonly pad: number;
}

export type Task =
  | {
      readonly kind: 'detection';
      readonly head: 'ssd' | 'yolov8';
      readonly scoreThreshold: number;
      readonly iouThreshold: number;
    }
  | { readonly kind: 'classification'; readonly softmax: 'auto' | 'yes' | 'no'; readonly topK: number }
  | { readonly kind: 'image'; readonly range: 'auto' | '0..1' | '-1..1' | '0..255' }
  | { readonly kind: 'tensors' };
export type TaskKind = Task['kind'];

export interface ModelCard {
  readonly name: string;
  readonly task: Task;
  /** Absent when the model has no input that a frame can feed: then only the raw facts are shown. */
  readonly prepare?: Prepare;
  readonly labels?: readonly string[];
  readonly licence?: string;
  /** Why each guess was made, by field, in words: {task: '…', prepare: '…'}. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** What the pre-flight reader finds in the file, without ORT. */
export interface ModelFacts {
  readonly format: 'onnx' | 'ort';
  readonly bytes: number;
  readonly irVersion?: number;
  readonly producer?: string;
  readonly opsets: Readonly<Record<string, number>>;
  readonly operators: Readonly<Record<string, number>>;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly nodes: number;
  readonly parameters: number;
  readonly externalFiles: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ModelInfo {
  readonly name: string;
  readonly sha256: string;
  readonly facts: ModelFacts;
  readonly card: ModelCard;
}
