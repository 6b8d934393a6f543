/**
 * Writes the card of the built-in detector: what it is, how it was made, the hashes of its files, how right it is.
 *
 *   tsx training/writeCard.ts --models FOLDER --log FILE --frames N      after a training
 *   tsx training/writeCard.ts --models FOLDER --accuracy FILE            after `npm run bench -- accuracy > FILE`
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { preflight } from '../src/models/preflight.ts';
import { guessCard } from '../src/tasks/guess.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'public/models' },
    log: { type: 'string' },
    frames: { type: 'string' },
    accuracy: { type: 'string' },
  },
});

const path = join(values.models, 'shapes.json');
const last: Record<string, unknown> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
const names = ['shapes.onnx', 'shapes-int8.onnx', 'shapes-fp16.onnx'];
const bytesOf = (name: string) => readFileSync(join(values.models, name));
const bytes = bytesOf('shapes.onnx');
const { reasons: _, ...guessed } = guessCard(preflight(new Uint8Array(bytes)), 'shapes.onnx');

const card = {
  ...guessed,
  files: Object.fromEntries(
    names.map((name) => [
      name,
      { bytes: bytesOf(name).length, sha256: createHash('sha256').update(bytesOf(name)).digest('hex') },
    ]),
  ),
  training: values.log === undefined ? last['training'] : trainingOf(values.log, Number(values.frames)),
  // Figures of other weights say nothing of these.
  accuracy:
    values.accuracy === undefined
      ? values.log === undefined
        ? last['accuracy']
        : undefined
      : accuracyOf(values.accuracy),
};
writeFileSync(path, `${JSON.stringify(card, null, 2)}\n`);

function trainingOf(log: string, frames: number) {
  const epochs = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  return {
    command: 'bash training/run.sh',
    frames,
    packages: readFileSync(new URL('requirements.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n'),
    minutes: epochs.at(-1)?.['minutes'],
    epochs,
  };
}

/** The JSON line that the bench prints last. */
function accuracyOf(file: string) {
  const line = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .findLast((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`${file} has no result of the bench.`);
  const { rows, absent, browser } = JSON.parse(line) as Record<string, unknown>;
  return { command: 'npm run bench -- accuracy', browser, rows, absent };
}
