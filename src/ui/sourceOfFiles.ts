/** Which source dropped or chosen files belong to, by name and type only: what the bytes are is seen when they are decoded. */
import type { Settings, SettingsChange } from '../core/settings.ts';
import { capped } from './format.ts';

interface ChosenSource {
  readonly source: NonNullable<SettingsChange['source']>;
  /** Of the toast, should it not open. */
  readonly title: string;
}

/** Undefined: they are a model, or nothing that a source reads. */
export function sourceOf(files: readonly File[], current: Settings['source']): ChosenSource | undefined {
  if (files.some(isModelFile)) return undefined;
  const named = (file: File) => `${capped(file.name, 60)} was not opened`;
  // Whoever looks at bytes looks at the bytes of anything.
  if (current.kind === 'files') return { source: { kind: 'files', files }, title: 'The files were not opened' };
  const sound = files.find(isSoundFile);
  const video = files.find(isVideoFile);
  // A video has sound too, for whoever listens already.
  const heard = sound ?? (current.kind === 'audio' ? video : undefined);
  if (heard !== undefined)
    return { source: { kind: 'audio', input: 'file', files: [heard], startS: 0 }, title: named(heard) };
  if (video !== undefined) return { source: { kind: 'video', files: [video], startS: 0 }, title: named(video) };
  const pictures = files.filter(isPictureFile);
  if (pictures.length === 0) return undefined;
  // A few pictures are looked at; many are worked off.
  const paced = current.kind === 'images' ? {} : { ratePerS: pictures.length < 20 ? 2 : 30 };
  return { source: { kind: 'images', files: pictures, ...paced }, title: 'The pictures were not opened' };
}

function isModelFile({ name }: File): boolean {
  return /\.(onnx|ort)$/i.test(name);
}

function isVideoFile({ name, type }: File): boolean {
  return /\.(mp4|m4v|mov|webm|mkv|ts)$/i.test(name) || type.startsWith('video/');
}

function isSoundFile({ name, type }: File): boolean {
  return /\.(wav|mp3|m4a|aac|ogg|oga|opus|flac)$/i.test(name) || type.startsWith('audio/');
}

function isPictureFile({ name, type }: File): boolean {
  return /\.(jpe?g|png|webp|avif|npy)$/i.test(name) || /^image\/(jpeg|png|webp|avif)$/.test(type);
}
