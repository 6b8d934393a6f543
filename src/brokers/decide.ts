/**
 * What becomes of a job that was not completed: retry, dead letter or release, by the class of its error and its attempts.
 * Pure, so that each rule is tested without a broker.
 */
import type { ErrorCode } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Settings } from '../core/settings.ts';

/** `elsewhere`: another worker may do it; `later`: it may do it another time; `never`: nobody ever will. */
export type ErrorClass = 'elsewhere' | 'later' | 'never';

const classes: Partial<Record<ErrorCode, ErrorClass>> = {
  'device-lost': 'elsewhere',
  'out-of-memory': 'elsewhere',
  'model-hangs': 'elsewhere',
  'connection-lost': 'later',
  'connection-refused': 'later',
  'storage-full': 'later',
  cancelled: 'later',
};

/** What is not named: the same job on the same model would fail again. */
export function classOf(code: ErrorCode): ErrorClass {
  return classes[code] ?? 'never';
}

export type Decision =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: string; readonly message: string }
  | { readonly kind: 'release' };

export function decide(
  outcome: Outcome,
  attempt: number,
  settling: Settings['settling'],
  random: () => number = Math.random,
): Decision {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'ack' };
    case 'released':
      return { kind: 'release' };
    case 'dropped':
      // What grew too old here is as old elsewhere, but whoever set the limit may not have meant this queue's jobs.
      return outcome.cause === 'expired' || outcome.cause === 'shed'
        ? again(outcome.cause, `It waited too long here (${outcome.cause}).`, attempt, settling, random)
        : { kind: 'release' };
    case 'failed': {
      const { code, message } = outcome.error;
      return classOf(code) === 'never'
        ? { kind: 'dead', reason: code, message }
        : again(code, message, attempt, settling, random);
    }
  }
}

function again(
  reason: string,
  message: string,
  attempt: number,
  settling: Settings['settling'],
  random: () => number,
): Decision {
  return attempt >= settling.maxAttempts
    ? { kind: 'dead', reason, message }
    : { kind: 'retry', delayMs: retryDelayMs(attempt, settling, random) };
}

/** A worker that dies with a job says nothing of it: so many deliveries, none of which was ever settled, end it as well. */
export function maxDeliveries({ maxAttempts }: Settings['settling']): number {
  return maxAttempts * 4;
}

/** The least wait: a job that came back at once would be tried to death within milliseconds. */
const leastDelayMs = 100;

/**
 * Full jitter below the wait of this attempt (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 * @param attempt the one that failed, from 1
 */
export function retryDelayMs(
  attempt: number,
  { backoff, backoffMs, maxBackoffMs }: Settings['settling'],
  random: () => number = Math.random,
): number {
  const wait = backoff === 'fixed' ? backoffMs : backoffMs * 2 ** Math.min(attempt - 1, 30);
  return Math.max(leastDelayMs, random() * Math.min(wait, maxBackoffMs));
}

/**
 * The step of a queue for retries: powers of two of 100 ms, so that a handful of queues serves every wait. A wait is
 * rounded up; a queue with a lifetime only lets go at its head, hence one for each.
 */
export function delayStepMs(delayMs: number): number {
  return leastDelayMs * 2 ** Math.max(0, Math.ceil(Math.log2(delayMs / leastDelayMs)));
}
