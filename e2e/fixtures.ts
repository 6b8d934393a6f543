/** Real models and media, which lie outside the repository: `WEIR_FIXTURES` names their folder; without it tests skip and say so. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = process.env['WEIR_FIXTURES'];

export const noFixtures = 'WEIR_FIXTURES is not set: this test needs the real models and media';
export const hasFixtures = folder !== undefined && folder !== '' && existsSync(resolve(folder, 'models'));

/** Absolute path of a fixture, or undefined without fixtures. */
export function fixture(path: string): string | undefined {
  return hasFixtures && folder !== undefined ? resolve(folder, path) : undefined;
}

/** Bytes of `models/NAME/model.onnx`. */
export function modelBytes(name: string): Uint8Array {
  const path = fixture(`models/${name}/model.onnx`);
  if (path === undefined) throw new Error(noFixtures);
  return readFileSync(path);
}

export function mediaBytes(path: string): Uint8Array {
  const full = fixture(`media/${path}`);
  if (full === undefined) throw new Error(noFixtures);
  return readFileSync(full);
}
