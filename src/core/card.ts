/** The model card: task, preparation and decoding of a model, guessed with reasons, editable by a person. */
import type { LoadCosts, LoadRecipe } from './loadRecipe.ts';
import type { ModelRepair, RepairKind } from './repair.ts';
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
  /** Where a letterbox has its picture; in the middle unless said. */
  readonly place?: 'middle' | 'corner';
  /**
   * How a picture is made smaller: by the mean of what a pixel covers (unless said); or halved while it stays large
   * enough and then from the four nearest pixels, which is a JPEG decoded at its scale and resized by OpenCV or
   * TensorFlow. A network is surest of what it was trained on.
   */
  readonly shrink?: 'area' | 'halves';
  /** Places of a fixed batch; the picture goes into each of them, and the first result counts. 1 unless said. */
  readonly batch?: number;
  /** Shape of an input that is no picture: grey pixels fill it row after row (the raw view). */
  readonly dims?: readonly number[];
}

/** What an input gets that no delivery feeds. `dims` are numbers: free dimensions have been given a size. */
export type Fill =
  | { readonly kind: 'constant'; readonly dims: readonly number[]; readonly value: number }
  /** These numbers, in the order of the tensor. */
  | { readonly kind: 'values'; readonly dims: readonly number[]; readonly values: readonly number[] }
  /** 0, 1, 2, … in integers; 0 … 1 in floats. */
  | { readonly kind: 'ramp'; readonly dims: readonly number[] }
  /** Uniform in 0 … 1 for floats, 0 … 255 for integers; the same numbers every time. */
  | { readonly kind: 'noise'; readonly dims: readonly number[] }
  /** Zeros at first, then what output `from` gave in the run before: carried state. */
  | { readonly kind: 'state'; readonly dims: readonly number[]; readonly from: string };

/** The input that a tensor feeds (`.npy`, sound, bytes), and the size it has when nothing else says so. */
export interface StreamInput {
  readonly input: string;
  readonly dims: readonly number[];
}

/** How a delivery becomes the inputs of the model: the part of a card that the engine needs. */
export interface Feed {
  readonly prepare?: Prepare;
  readonly stream?: StreamInput;
  readonly fills?: Readonly<Record<string, Fill>>;
}

/**
 * Ways in which boxes stand in tensors. `rows`: suppressed already, one detection a row (YOLOv10, `[n,7]` of YOLOv7);
 * `nms`: what suppression inside the graph leaves (indices, or boxes, scores and classes apart).
 */
export const detectionHeads = ['yolov8', 'yolov5', 'yolox', 'fastestdet', 'ssd', 'yunet', 'rows', 'nms'] as const;
export type DetectionHead = (typeof detectionHeads)[number];

/** `offsets`: heat maps with offsets to their peaks; `heatMaps`: their peaks alone; `direct`: the coordinates themselves. */
export const keypointHeads = ['offsets', 'heatMaps', 'direct'] as const;
export type KeypointHead = (typeof keypointHeads)[number];

export const imageRanges = ['auto', '0..1', '-1..1', '0..255'] as const;

export type Task =
  | {
      readonly kind: 'detection';
      readonly head: DetectionHead;
      readonly scoreThreshold: number;
      readonly iouThreshold: number;
    }
  | { readonly kind: 'classification'; readonly softmax: 'auto' | 'yes' | 'no'; readonly topK: number }
  /** The best class of each pixel. `background`: class 0 is what is no object, and is not painted. */
  | { readonly kind: 'segmentation'; readonly background: boolean }
  /** Boxes of a YOLO head, each with the mask of its object. */
  | { readonly kind: 'instances'; readonly scoreThreshold: number; readonly iouThreshold: number }
  | { readonly kind: 'keypoints'; readonly head: KeypointHead; readonly scoreThreshold: number }
  /** `ramp` paints one channel in colours from its smallest to its largest value, as depth is shown. */
  | {
      readonly kind: 'image';
      readonly range: (typeof imageRanges)[number];
      readonly show: 'picture' | 'ramp';
      /** Where there are more channels than a picture has: the first one shown. */
      readonly channel: number;
    }
  /** `activity`: one probability per window; `spectrum`: a value for each frequency. */
  | { readonly kind: 'sound'; readonly show: 'activity' | 'spectrum'; readonly scoreThreshold: number }
  | { readonly kind: 'tensors' };
export type TaskKind = Task['kind'];

/** Without `prepare` no picture can feed the model, without `stream` no tensor; then the frames only set the pace. */
export interface ModelCard extends Feed {
  readonly name: string;
  readonly task: Task;
  readonly labels?: readonly string[];
  readonly licence?: string;
  /** Repairs that are not to be made. */
  readonly repairs?: { readonly off: readonly RepairKind[] };
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
  /** Element type to the parameters that have it. */
  readonly weights?: Readonly<Record<string, number>>;
  /** How it was quantised, in words, such as "QDQ, int8"; undefined: it is not, or the file does not tell. */
  readonly quantisation?: string;
  /** Of one run, millions of floating-point operations, free dimensions taken as 1; undefined: not known. */
  readonly mflops?: number;
  /** Data files beside the model: the path that it uses, and how many bytes it reads of it at least. */
  readonly externalFiles: readonly { readonly path: string; readonly bytes: number }[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** All that the model holds: its own file, and its weights beside it. */
export function modelBytes({ bytes, externalFiles }: ModelFacts): number {
  return externalFiles.reduce((sum, file) => sum + file.bytes, bytes);
}

/** A session of the runtime holds about five times the bytes of its model; all of them together should stay below 1 GB. */
export function sessionsInMemory(bytes: number): number {
  return Math.max(1, Math.floor(1e9 / (5 * Math.max(1, bytes))));
}

export function feedOf({ prepare, stream, fills }: ModelCard): Feed {
  return {
    ...(prepare === undefined ? {} : { prepare }),
    ...(stream === undefined ? {} : { stream }),
    ...(fills === undefined ? {} : { fills }),
  };
}

/** An input is what an output of the run before was, so runs must come in order. */
export function carriesState({ fills }: Feed): boolean {
  return Object.values(fills ?? {}).some(({ kind }) => kind === 'state');
}

export interface ModelInfo {
  readonly name: string;
  readonly sha256: string;
  readonly facts: ModelFacts;
  readonly card: ModelCard;
  /** What was mended before the runtime saw it, or could be; undefined: nothing. */
  readonly repair?: ModelRepair;
  /** Of a load dial: what it was built from, and what one run costs. */
  readonly load?: LoadCosts & { readonly recipe: LoadRecipe };
}
