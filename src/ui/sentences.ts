/** What a person can do about each error: the message says what happened, this says the next step. */
import type { ErrorCode } from '../core/errors.ts';

export interface Sentence {
  /** What did not happen, for a toast that has no title of its own. */
  readonly title: string;
  /** The next step. */
  readonly fix: string;
  /** The next step while a model opens, where that is another one. */
  readonly opening?: string;
  /** When a whole source ends with it, where that is another matter than one frame. */
  readonly source?: { readonly title: string; readonly fix: string };
}

export const sentences: Readonly<Record<ErrorCode, Sentence>> = {
  'not-a-model': {
    title: 'That is not a model',
    fix: 'Open an .onnx or .ort file as its exporter wrote it.',
  },
  'lfs-pointer': {
    title: 'That is a pointer, not the model',
    fix: 'Run git lfs pull and drop the file again, or open its download link.',
  },
  'unsupported-opset': {
    title: 'The operator set of the model is not supported',
    fix: 'Export it again with an opset from 7 to 26.',
  },
  'unsupported-operator': {
    title: 'The model uses an operator that this engine lacks',
    fix: 'Export it without that operator, or with standard operators in its place.',
  },
  'missing-external-data': {
    title: 'The weights are missing',
    fix: 'Drop the model and its data file together.',
  },
  'bad-external-path': {
    title: 'The model points outside its folder',
    fix: 'Export it again with the data file beside the model.',
  },
  'too-large': {
    title: 'That is too large for this page',
    fix: 'Use a smaller version of it.',
  },
  'out-of-memory': {
    title: 'Out of memory',
    fix: 'Try a smaller input size or fewer sessions.',
    opening: 'The model before it goes on. Export it for a smaller input, or in float16 or int8.',
  },
  'cannot-feed': {
    title: 'A frame cannot feed this model',
    fix: 'The raw view runs it on generated inputs and shows the tensors.',
  },
  'model-hangs': {
    title: 'The model did not answer',
    fix: 'A fresh worker takes over, up to three times. If it hangs again, choose another engine or another model.',
    opening: 'The model before it goes on. Try it on another engine under Run on, or give its first run more time.',
  },
  'bad-output': {
    title: 'The outputs do not fit the task',
    fix: 'Choose another task under Model, or Tensors to see the raw outputs.',
    opening: 'It fails on ordinary pictures, so the model before it goes on. Check it with the tool that exported it.',
  },
  'device-lost': {
    title: 'The GPU was lost',
    fix: 'It runs again on a fresh worker; frames in flight were counted as failed.',
  },
  'no-webgpu': {
    title: 'WebGPU is not there',
    fix: 'Run on WASM, or use a browser and a machine with WebGPU.',
  },
  'not-isolated': {
    title: 'Threads are not allowed here',
    fix: 'This host does not send cross-origin isolation. It runs with 1 thread.',
  },
  'permission-denied': {
    title: 'The device is not allowed',
    fix: 'Allow it beside the address of this page, then choose Try again.',
  },
  'device-busy': {
    title: 'The device is busy',
    fix: 'Close the program that uses it, then choose Try again.',
  },
  'device-gone': {
    title: 'The device is gone',
    fix: 'Connect it again or choose another one, then choose Try again.',
  },
  'cannot-decode': {
    title: 'A frame could not be decoded',
    fix: 'Send JPEG, PNG, WebP or AVIF images, or .npy arrays.',
    source: { title: 'The source cannot be read', fix: 'Choose another one.' },
  },
  'connection-refused': {
    title: 'The connection was refused',
    fix: 'Check the address, and that its server is running.',
  },
  'connection-lost': {
    title: 'The connection was lost',
    fix: 'It is tried again by itself, with longer waits.',
  },
  'auth-failed': {
    title: 'The sender did not let us in',
    fix: 'Check the user, the password or the token.',
  },
  'bad-settings': {
    title: 'The setting was not taken',
    fix: 'Earlier settings go on.',
  },
  cancelled: {
    title: 'Cancelled',
    fix: '',
  },
  'changed-file': {
    title: 'The file is not the one it should be',
    fix: 'Open it again from a file or a link that you trust.',
  },
  'not-kept': {
    title: 'That model is not kept here',
    fix: 'Open it again from its file or link.',
  },
  'storage-full': {
    title: 'The storage of this browser is full',
    fix: 'The model runs, but it is not kept. Free some space and open it again.',
  },
};

/** What happened and the next step, unless the message says the step already. */
export function withFix(text: string, code: ErrorCode | undefined, when?: 'opening' | 'source'): string {
  const known = code === undefined ? undefined : sentences[code];
  const special = when === 'opening' ? known?.opening : when === 'source' ? known?.source?.fix : undefined;
  const fix = special ?? known?.fix ?? '';
  const sentence = /[.!?]$/.test(text) ? text : `${text}.`;
  return fix === '' || text.includes(fix) ? sentence : `${sentence} ${fix}`;
}
