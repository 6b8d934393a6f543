import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../core/errors.ts';
import { defaultSettings } from '../core/settings.ts';
import { classOf, decide, delayStepMs, retryDelayMs } from './decide.ts';

const { settling } = defaultSettings;
const failed = (code: (typeof errorCodes)[number]) => ({ kind: 'failed', error: { code, message: 'why' } }) as const;

describe('decide', () => {
  it('acknowledges what is stored and gives back what was not begun', () => {
    expect(decide({ kind: 'completed' }, 1, settling)).toEqual({ kind: 'ack' });
    expect(decide({ kind: 'released' }, 1, settling)).toEqual({ kind: 'release' });
    expect(decide({ kind: 'dropped', cause: 'shutdown' }, 1, settling)).toEqual({ kind: 'release' });
  });

  it('never tries again what nobody can do', () => {
    expect(decide(failed('cannot-decode'), 1, settling)).toEqual({
      kind: 'dead',
      reason: 'cannot-decode',
      message: 'why',
    });
  });

  it('tries again elsewhere or later, until the attempts are used up', () => {
    for (const code of errorCodes.filter((each) => classOf(each) !== 'never')) {
      for (let attempt = 1; attempt < settling.maxAttempts; attempt++)
        expect(decide(failed(code), attempt, settling).kind).toBe('retry');
      expect(decide(failed(code), settling.maxAttempts, settling)).toMatchObject({ kind: 'dead', reason: code });
    }
  });
});

describe('retryDelayMs', () => {
  it('has full jitter below the wait of its attempt, and a least wait', () => {
    const longest = (attempt: number) => retryDelayMs(attempt, settling, () => 1);
    expect([1, 2, 3, 4].map(longest)).toEqual([1000, 2000, 4000, 8000]);
    expect(longest(100)).toBe(settling.maxBackoffMs);
    expect(retryDelayMs(3, settling, () => 0)).toBe(100);
    expect(retryDelayMs(3, { ...settling, backoff: 'fixed' }, () => 1)).toBe(1000);
  });

  it('needs few queues, none of which waits less', () => {
    fc.assert(
      fc.property(fc.double({ min: 100, max: 3_600_000, noNaN: true }), (delay) => {
        const step = delayStepMs(delay);
        expect(step).toBeGreaterThanOrEqual(delay * 0.999_999);
        expect(step).toBeLessThan(delay * 2.000_001);
        expect(Number.isInteger(Math.log2(step / 100))).toBe(true);
      }),
    );
  });
});
