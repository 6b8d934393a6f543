/**
 * Work queues in words and numbers: what a worker tells of its queue, and what a dead letter is.
 * Each delivery by the broker is counted here exactly once, beside the sum of the frames.
 */
import type { Percentiles } from './snapshot.ts';

export const workKinds = ['nats', 'rabbitmq'] as const;
export type WorkKind = (typeof workKinds)[number];

export function isWorkKind(kind: string): kind is WorkKind {
  return workKinds.some((known) => known === kind);
}

/** `received = acknowledged + retried + deadLettered + released + unacked`, in exact integers. */
export interface WorkCounts {
  /** Deliveries by the broker. */
  readonly received: number;
  /** Its results are stored, and the broker has confirmed that it will not come again. */
  readonly acknowledged: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Given back, or taken back by the broker when the connection was lost. */
  readonly released: number;
  readonly unacked: number;
  /** Beside the sum: deliveries that the broker had made before. */
  readonly redelivered: number;
  /** Beside the sum: jobs that were recognised as done or under way, and results that were stored already. */
  readonly duplicates: number;
  /** Results that the broker has confirmed to have stored. */
  readonly published: number;
  readonly deadLetters: Readonly<Record<string, number>>;
}

/** What the broker says of the queue; null: it does not tell. */
export interface QueueLook {
  readonly ready: number | null;
  /** Unacknowledged at all workers together. */
  readonly unacked: number | null;
  readonly redelivered: number | null;
  readonly oldestMs: number | null;
}

export interface WorkFacts {
  readonly kind: WorkKind;
  readonly queue: string;
  readonly counts: WorkCounts;
  readonly look: QueueLook | undefined;
  readonly prefetch: number;
  /** In the queue until it was received, by the clocks of two machines; received to engine; received to confirmed. */
  readonly waitMs: Percentiles;
  readonly runMs: Percentiles;
  readonly totalMs: Percentiles;
  /** From a result to its confirmation. */
  readonly publishMs: Percentiles;
  /** How late the worst in-progress timer of the last minute came. */
  readonly heartbeatLagMs: number;
  readonly ackWaitMs: number;
  /** Why nothing is taken right now, beside the state of the connection. */
  readonly broken?: { readonly until: number; readonly message: string };
}

/** A job that was set aside, as it lies at the broker. */
export interface DeadLetter {
  /** Names it at the broker: a sequence number or a delivery tag. */
  readonly key: string;
  readonly job: string;
  readonly reason: string;
  readonly message: string;
  readonly attempts: number;
  readonly worker: string;
  readonly firstAt: number | undefined;
  readonly diedAt: number | undefined;
  readonly contentType: string;
  readonly bytes: number;
}

/** Kept in memory only: they are in no setting, link, export or storage. */
export interface Credentials {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** NATS: the seed of an NKey, alone or with the JWT of its user. */
  readonly seed?: string;
  readonly jwt?: string;
}
