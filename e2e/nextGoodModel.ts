/** The proof that a page has survived: the next good model is opened and serves. Each has a name of its own, to be told apart. */
import { buildSobel } from '../src/models/buildGraph.ts';
import type { Station } from './station.ts';

const good = buildSobel(60, 80);
let goods = 0;

export async function nextGoodModel(station: Station): Promise<void> {
  const name = `good${goods++}`;
  await station.drop([{ name: `${name}.onnx`, bytes: good }]);
  await station.until(`${name} serves`, (now) => now.state === 'running' && now.model?.name === name);
  await station.goesOn();
}
