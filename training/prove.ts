/**
 * The whole training with a handful of frames: rendering, learning, export, twins and card, as `run.sh` does it at full size.
 * It says nothing of how well the network learns; it says that the way is whole.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { preflight } from '../src/models/preflight.ts';
import { sceneClasses } from '../src/pixels/scene/outline.ts';
import { guessCard } from '../src/tasks/guess.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-training-'));
const began = Date.now();
try {
  const { status } = spawnSync('bash', ['training/run.sh', '--tiny', folder], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`The training ended with code ${status}.`);
  const epochs = readFileSync(join(folder, 'weights/log.jsonl'), 'utf8').trim().split('\n');
  const losses = epochs.map((line) => Number((JSON.parse(line) as Record<string, unknown>)['boxes']));
  check(losses.length === 2 && losses.every(Number.isFinite), `two passes with finite losses: ${losses.join(', ')}`);
  for (const name of ['shapes.onnx', 'shapes-int8.onnx', 'shapes-fp16.onnx']) {
    const bytes = readFileSync(join(folder, 'models', name));
    const facts = preflight(new Uint8Array(bytes), name);
    const { task, labels } = guessCard(facts, name);
    check(bytes.length <= 2_000_000, `${name} has ${bytes.length} bytes, at most 2 MB`);
    check(task.kind === 'detection' && task.head === 'yolov8', `${name} is read as a detector`);
    check(isDeepStrictEqual(labels, [...sceneClasses]), `${name} names the classes of the scene`);
    check(facts.inputs[0]?.shape[0] === 'batch', `${name} takes batches of any size`);
  }
  const card: unknown = JSON.parse(readFileSync(join(folder, 'models/shapes.json'), 'utf8'));
  check(typeof card === 'object' && card !== null && 'files' in card && 'training' in card, 'the card was written');
  console.log(`proved in ${Math.round((Date.now() - began) / 1000)} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(holds: boolean, claim: string): void {
  if (!holds) throw new Error(`This does not hold: ${claim}.`);
  console.log(`holds: ${claim}`);
}
