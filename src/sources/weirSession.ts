/**
 * What this page knows of one stream of `weir.v1`: which ids are being served and which were answered, and how.
 * It outlives connections and runs, so that what a sender sends again is answered again and not served twice.
 */
import type { Outcome } from '../core/outcome.ts';
import type { MessageId, WeirHeaderOf } from '../core/wire/weirV1.ts';

export type Answer = WeirHeaderOf<'ack'> | WeirHeaderOf<'nack'>;
type Send = (answer: Answer) => void;

/** Faults of this machine and not of the frame: another try, here or elsewhere, may succeed. */
const ownFaults: readonly string[] = ['device-lost', 'out-of-memory', 'model-hangs'];
const mostTries = 3;
const retryMs = 1000;

/** Answers that are kept; a sender that sends again what is older is served twice. */
const maxAnswers = 100_000;
const maxSessions = 4;

export interface WeirSession {
  /** Messages that came again after they were answered, or while they were still being served. */
  readonly duplicates: number;
  /** Ids that are being served. */
  readonly open: number;
  /** Nothing is being served, and nothing was given back that has not come again. */
  readonly isQuiet: boolean;
  /** True for a message that is to be served now; one that was answered is answered again. */
  receive(id: MessageId): boolean;
  settle(id: MessageId, outcome: Outcome): void;
  /** It will not be served, for a reason of the source's own. */
  refuse(id: MessageId, reason: string): void;
  /** Answers go to the newest connection; the end of one is told by calling what is returned. */
  attach(send: Send): () => void;
  /** Hears of every answer; returns how to stop. */
  listen(onAnswer: () => void): () => void;
}

export function createWeirSession(limit = maxAnswers): WeirSession {
  const open = new Set<MessageId>();
  /** Why each was refused; undefined for those that were completed, which are nearly all. */
  const answers = new Map<MessageId, string | undefined>();
  const givenBack = new Set<MessageId>();
  /** How often each failed by a fault of ours; of those that have no answer yet. */
  const tries = new Map<MessageId, number>();
  let duplicates = 0;
  let connection: { readonly send: Send } | undefined;
  const listeners = new Set<() => void>();
  const give = (id: MessageId, answer: Answer): void => {
    open.delete(id);
    if (answer.kind === 'nack' && answer.dead !== true) givenBack.add(id);
    else {
      tries.delete(id);
      answers.set(id, answer.kind === 'ack' ? undefined : answer.reason);
      for (const oldest of answers.keys()) {
        if (answers.size <= limit) break;
        answers.delete(oldest);
      }
    }
    connection?.send(answer);
    for (const listener of listeners) listener();
  };
  return {
    get duplicates() {
      return duplicates;
    },
    get open() {
      return open.size;
    },
    get isQuiet() {
      return open.size === 0 && givenBack.size === 0;
    },
    receive(id) {
      if (!answers.has(id) && !open.has(id)) {
        givenBack.delete(id);
        open.add(id);
        return true;
      }
      duplicates += 1;
      if (answers.has(id)) {
        const reason = answers.get(id);
        connection?.send(reason === undefined ? { kind: 'ack', id } : dead(id, reason));
      }
      return false;
    },
    settle(id, outcome) {
      const tried = (tries.get(id) ?? 0) + 1;
      if (outcome.kind === 'failed') tries.set(id, tried);
      give(id, answerOf(id, outcome, tried));
    },
    refuse: (id, reason) => give(id, dead(id, reason)),
    attach(send) {
      const mine = { send };
      connection = mine;
      // A sender sends all again that it has no answer for.
      givenBack.clear();
      return () => {
        if (connection === mine) connection = undefined;
      };
    },
    listen(onAnswer) {
      // Two who listen with one function are two.
      const listener = () => onAnswer();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * Dropped by a lossy policy is final: whoever chose to drop does not want it again. What was not begun, because the page
 * pauses or another model comes, goes back to the sender, as does what the engine was lost with, a few times.
 */
export function answerOf(id: MessageId, outcome: Outcome, tried = 1): Answer {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'ack', id };
    case 'failed': {
      const reason = `failed: ${outcome.error.code}: ${outcome.error.message}`;
      return ownFaults.includes(outcome.error.code) && tried < mostTries
        ? { kind: 'nack', id, retryMs, reason: reason.slice(0, 1000) }
        : dead(id, reason);
    }
    case 'dropped':
      return outcome.cause === 'cancelled' || outcome.cause === 'shutdown'
        ? { kind: 'nack', id, retryMs: 0, reason: outcome.cause }
        : dead(id, `dropped: ${outcome.cause}`);
    case 'released':
      return { kind: 'nack', id, retryMs: 0, reason: 'released' };
  }
}

function dead(id: MessageId, reason: string): Answer {
  return { kind: 'nack', id, dead: true, reason: reason.slice(0, 1000) };
}

/** The streams of this page's life, by address and by the name that the sender gives. */
export interface WeirSessions {
  of(address: string, name: string): WeirSession;
}

export function createWeirSessions(): WeirSessions {
  const sessions = new Map<string, WeirSession>();
  return {
    of(address, name) {
      const key = JSON.stringify([address, name]);
      const session = sessions.get(key) ?? createWeirSession();
      // The one used last stands last.
      sessions.delete(key);
      sessions.set(key, session);
      for (const oldest of sessions.keys()) {
        if (sessions.size <= maxSessions) break;
        sessions.delete(oldest);
      }
      return session;
    },
  };
}
