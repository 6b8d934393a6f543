/** Fetches the committed preparation module beside the code. Apart from `preparer.ts` so that tests in Node need no fetch. */
import { createPreparer, type Preparer } from './preparer.ts';
import url from './prepare.wasm?url';

export async function loadPreparer(): Promise<Preparer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return createPreparer(await response.arrayBuffer());
}
