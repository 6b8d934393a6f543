/**
 * What a broker is to the work: one connection that brings jobs and stores what becomes of them.
 * A broker is one file that implements this; everything that is the same for all of them is in `workSource.ts`.
 */
import type { WeirError } from '../core/errors.ts';
import type { DeadLetter, QueueLook } from '../core/work.ts';

/** One delivery of a job by the broker, and the ways to end it. Each resolves when the broker has confirmed. */
export interface Arrival {
  /** The same at each delivery of this job. */
  readonly id: string;
  /** The same at each delivery of this very message; a job that was put again is another one. */
  readonly message: string;
  /** From 1. */
  readonly attempt: number;
  readonly redelivered: boolean;
  readonly body: Uint8Array<ArrayBuffer>;
  /** What a copy of it must carry besides, to be a job again. */
  readonly origin: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
  /** When the broker stored it, ms since 1970 by the broker's clock. */
  readonly storedAt: number | undefined;
  ack(): Promise<void>;
  /** Comes again, after so long, as the next attempt. */
  retry(delayMs: number): Promise<void>;
  /** Comes again at once, to whoever is free. */
  release(): Promise<void>;
  /** A copy of it is stored among the dead letters. */
  bury(): Promise<void>;
  /** No copy could be stored: what the broker itself has for it. */
  reject(): Promise<'deadLettered' | 'retried'>;
  /** Still at work; undefined where the broker waits as long as the connection stands. */
  readonly working: (() => void) | undefined;
}

export interface Publication {
  readonly to: string;
  /** Of the job. */
  readonly id: string;
  /** By what the broker recognises the same again, where that is not the job: a job may die more than once. */
  readonly once?: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Stored {
  /** The broker had a message of this id already. */
  readonly duplicate: boolean;
}

export interface BrokerHooks {
  arrived(arrival: Arrival): void;
  /** The connection is gone, and with it what was not acknowledged. */
  lost(error: WeirError): void;
}

export interface BrokerSession {
  /** A job of which nothing was heard for so long is given to another worker; undefined: as long as the connection stands. */
  readonly leaseMs: number | undefined;
  /** So many more may come now; where the broker counts by itself, as it was told at the opening, nothing happens. */
  want(more: number): void;
  /** Resolves when the broker has stored it. @throws WeirError */
  publish(publication: Publication): Promise<Stored>;
  /** A new job for this queue, whatever its destination is called; resolves when it is stored. @throws WeirError */
  put(publication: Publication): Promise<Stored>;
  /** To whoever asked; resolves when the broker has taken it. */
  reply(to: string, publication: Publication, correlationId: string | undefined): Promise<void>;
  inspect(): Promise<QueueLook | undefined>;
  readonly deadLetters: DeadLetterBox;
  close(): Promise<void>;
}

/** Dead letters where they lie. */
export interface DeadLetterBox {
  list(): Promise<readonly DeadLetter[]>;
  /** Its payload as it came. */
  open(key: string): Promise<{ readonly letter: DeadLetter; readonly body: Uint8Array<ArrayBuffer> }>;
  /** Back to the queue as a first attempt. */
  redrive(key: string): Promise<void>;
  discard(key: string): Promise<void>;
}

export interface Broker {
  /** Of what a person typed, for a sentence. */
  readonly name: string;
  /** Whether a prefetch that changes needs another connection. */
  readonly prefetchIsFixed: boolean;
  /** @throws WeirError; `isFinal` says whether trying again is of use */
  connect(prefetch: number, hooks: BrokerHooks): Promise<BrokerSession>;
}

/** Trying again as things are would only be refused again. */
export function isFinal({ code }: Pick<WeirError, 'code'>): boolean {
  return code === 'auth-failed' || code === 'permission-denied' || code === 'bad-settings';
}
