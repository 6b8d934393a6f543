/** A window of sound as the tensor that feeds a model; its buffer is used again when no engine has taken it. */
import type { TensorPayload } from '../core/payload.ts';
import type { SoundWindow, SoundWindows } from './soundWindows.ts';

/** `[1, samples]` float32; a model of a fixed length gets it cut or padded. */
export function soundPayload(
  data: SoundWindow,
  windows: SoundWindows,
): { payload: TensorPayload; bytes: number; onSettle: () => void } {
  return {
    payload: { kind: 'tensor', type: 'float32', dims: [1, data.length], data, fit: 'cut' },
    bytes: data.byteLength,
    onSettle: () => windows.recycle(data),
  };
}
