import { describe, expect, test } from 'vitest';
import { createCodel } from './codel.ts';

const at = (codel: ReturnType<typeof createCodel>, sojournMs: number, times: readonly number[]) =>
  times.filter((now) => codel.sheds(sojournMs, now, true));
const every = (stepMs: number, untilMs: number) => Array.from({ length: untilMs / stepMs }, (_, i) => i * stepMs);

describe('CoDel', () => {
  test('a wait above the target for less than an interval is left alone', () => {
    const codel = createCodel({ targetMs: 5, intervalMs: 100 });
    expect(at(codel, 20, every(10, 100))).toEqual([]);
    expect(codel.sheds(4, 100, true)).toBe(false);
    expect(at(codel, 20, [110, 150, 200])).toEqual([]);
  });

  test('sheds after an interval, then at intervals divided by the root of the count (RFC 8289)', () => {
    const codel = createCodel({ targetMs: 5, intervalMs: 100 });
    // 100, then 100 + 100/1, then + 100/sqrt(2), + 100/sqrt(3), each at the next millisecond.
    expect(at(codel, 20, every(1, 401))).toEqual([100, 200, 271, 329, 379]);
  });

  test('the last one that waits is never shed, and ends the phase', () => {
    const codel = createCodel({ targetMs: 5, intervalMs: 100 });
    expect(at(codel, 20, every(10, 210))).toEqual([100, 200]);
    expect(codel.sheds(1000, 300, false)).toBe(false);
    expect(codel.sheds(1000, 310, true)).toBe(false);
  });

  test('a phase soon after the last one goes on from its rate', () => {
    const codel = createCodel({ targetMs: 5, intervalMs: 100 });
    at(codel, 20, every(1, 401));
    codel.sheds(1, 402, true);
    // Five were shed; the new phase begins with four: 100/sqrt(4) after its first.
    expect(
      at(
        codel,
        20,
        [...every(1, 701)].filter((now) => now > 402),
      ),
    ).toEqual([503, 553, 598, 639, 677]);
  });

  test('a clock that goes back sheds nothing that it would not have shed', () => {
    const codel = createCodel({ targetMs: 5, intervalMs: 100 });
    expect(at(codel, 20, [0, 100, 50, 60])).toEqual([100]);
    expect(codel.sheds(-30, 70, true)).toBe(false);
  });
});
