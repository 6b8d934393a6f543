/** Builds the bare loop's page into a folder of its own. */
import { fileURLToPath } from 'node:url';
import { buildPage } from '../../scripts/buildPage.ts';

/** @returns the folder to serve */
export function buildBare(): Promise<string> {
  const root = fileURLToPath(new URL('.', import.meta.url));
  return buildPage(root, 'bare.html', fileURLToPath(new URL('../dist', import.meta.url)));
}
