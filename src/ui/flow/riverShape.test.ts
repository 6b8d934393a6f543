import { expect, test } from 'vitest';
import { lineSpacing, riverShape } from './riverShape.ts';

const none = { newest: 0, oldest: 0, superseded: 0, expired: 0, shed: 0, cancelled: 0, shutdown: 0 };

test('ribbons share one scale and what leaves the queue makes up the difference', () => {
  const shape = riverShape(
    1119,
    { offered: 60, completed: 31.4, failed: 0, drops: { ...none, superseded: 28.6 } },
    false,
  );
  expect(shape.offered.thickness).toBe(60);
  expect(shape.completed.thickness).toBeCloseTo(31.4);
  expect(shape.admitted.thickness - shape.served.thickness).toBeCloseTo(28.6);
  expect(shape.queueExits).toEqual([{ name: 'superseded', kind: 'dropped', rate: 28.6 }]);
});

test('refused leaves at the gate, expired and failed at the engine', () => {
  const drops = { ...none, newest: 10, expired: 5 };
  const shape = riverShape(1119, { offered: 60, completed: 40, failed: 5, drops }, false);
  expect(shape.admitted.rate).toBe(50);
  expect(shape.served.rate).toBe(50);
  expect(shape.engineExits.map(({ name }) => name)).toEqual(['expired', 'failed']);
});

test('nothing offered draws nothing, without NaN', () => {
  const shape = riverShape(300, { offered: 0, completed: 0, failed: 0, drops: none }, true);
  expect(shape.offered.thickness).toBe(0);
  expect(lineSpacing(0, 0)).toBe(Infinity);
});

test('lines keep their proportion: half the rate, twice the distance', () => {
  expect(lineSpacing(30, 60)).toBe(2 * lineSpacing(60, 60));
  expect(lineSpacing(2, 2)).toBe(30);
});
