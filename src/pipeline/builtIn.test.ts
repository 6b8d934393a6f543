/** The built-in detector is what its card says: the files that its training wrote, read as the card states. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { preflight } from '../models/preflight.ts';
import { sceneClasses } from '../pixels/scene/outline.ts';
import { guessCard } from '../tasks/guess.ts';

const folder = new URL('../../public/models/', import.meta.url);
const { files, training, accuracy, ...card } = JSON.parse(readFileSync(new URL('shapes.json', folder), 'utf8')) as {
  files: Record<string, { bytes: number; sha256: string }>;
  training: { frames: number; epochs: { epoch: number }[] };
  accuracy: { rows: { provider: string; precision: string; frames: number; map50: number; map: number }[] };
  name: string;
};

test.each(Object.entries(files))(
  '%s has the bytes and the hash of the card, and is read as a detector',
  (name, said) => {
    const bytes = readFileSync(new URL(name, folder));
    expect(bytes.length).toBe(said.bytes);
    expect(bytes.length).toBeLessThanOrEqual(2_000_000);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(said.sha256);
    const facts = preflight(new Uint8Array(bytes), name);
    const { reasons: _, ...guessed } = guessCard(facts, name);
    expect({ ...guessed, name: card.name }).toEqual(card);
    expect(guessed.labels).toEqual([...sceneClasses]);
    expect(facts.inputs[0]?.shape).toEqual(['batch', 3, 192, 320]);
  },
);

test('the card tells of the training and of the accuracy in the browser, within what is promised', () => {
  expect(training.epochs.length).toBeGreaterThan(0);
  const [full, ...twins] = ['float32', 'int8', 'float16'].map((precision) =>
    accuracy.rows.find((row) => row.provider === 'wasm' && row.precision === precision),
  );
  expect(full?.frames).toBe(500);
  expect(full?.map50).toBeGreaterThanOrEqual(0.9);
  expect(full?.map).toBeGreaterThanOrEqual(0.6);
  for (const twin of twins) expect(twin?.map50).toBeGreaterThanOrEqual((full?.map50 ?? 1) - 0.02);
});
