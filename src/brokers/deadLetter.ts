/** A dead letter from the headers that its copy was given; whoever else writes into that place may have left them out. */
import type { DeadLetter } from '../core/work.ts';

export function deadLetterOf(
  key: string,
  job: string,
  header: (name: string) => string | undefined,
  bytes: number,
  contentType: string | undefined,
): DeadLetter {
  const time = (name: string) => {
    const value = Number(header(name));
    return Number.isFinite(value) && value > 0 ? value : undefined;
  };
  return {
    key,
    job,
    reason: (header('weir-reason') ?? 'unknown').slice(0, 60),
    message: (header('weir-message') ?? 'The broker set it aside; it does not say why.').slice(0, 300),
    attempts: Math.max(0, Math.trunc(Number(header('weir-attempts') ?? 0)) || 0),
    worker: (header('weir-worker') ?? '').slice(0, 60),
    firstAt: time('weir-first-at'),
    diedAt: time('weir-died-at'),
    contentType: (contentType ?? '').slice(0, 100),
    bytes,
  };
}
