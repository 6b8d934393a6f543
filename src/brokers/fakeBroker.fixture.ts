/** A broker in memory with the manners of the real ones: deliveries that are not acknowledged come again. */
import type { Arrival, Broker, BrokerHooks, BrokerSession } from './broker.ts';
import { WeirError } from '../core/errors.ts';

interface Stored {
  readonly id: string;
  delivered: number;
  state: 'ready' | 'out' | 'gone';
}

export interface FakeBroker extends Broker {
  put(id: string): void;
  /** Ends the connection; what was out is ready again. */
  cut(): void;
  refusePublishing: boolean;
  refuseDead: boolean;
  readonly results: string[];
  readonly dead: { readonly id: string; readonly reason: string | undefined }[];
  readonly log: string[];
  left(): string[];
  readonly connections: number;
}

const none = () => Promise.resolve();

export function createFakeBroker(prefetchIsFixed = false): FakeBroker {
  const stored: Stored[] = [];
  const results: string[] = [];
  const dead: { id: string; reason: string | undefined }[] = [];
  const log: string[] = [];
  let hooks: BrokerHooks | undefined;
  let wanted = 0;
  let limit = 0;
  let connections = 0;

  function give(): void {
    for (const message of stored) {
      const out = stored.filter(({ state }) => state === 'out').length;
      const mayGive = prefetchIsFixed ? out < limit : wanted > 0;
      if (hooks === undefined || !mayGive) return;
      if (message.state !== 'ready') continue;
      message.state = 'out';
      message.delivered += 1;
      wanted -= 1;
      hooks.arrived(arrivalOf(message, connections));
    }
  }

  function arrivalOf(message: Stored, connection: number): Arrival {
    const say = (word: string, state: Stored['state']) => {
      if (connection !== connections || hooks === undefined)
        return Promise.reject(new WeirError('connection-lost', 'That connection is gone.'));
      log.push(`${word} ${message.id}`);
      message.state = state;
      queueMicrotask(give);
      return none();
    };
    return {
      id: message.id,
      message: message.id,
      attempt: message.delivered,
      redelivered: message.delivered > 1,
      body: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      origin: {},
      contentType: 'image/png',
      replyTo: undefined,
      correlationId: undefined,
      storedAt: undefined,
      ack: () => say('ack', 'gone'),
      retry: () => say('retry', 'ready'),
      release: () => say('release', 'ready'),
      bury: () => say('bury', 'gone'),
      reject: async () => {
        await say('reject', 'ready');
        return 'retried';
      },
      working: undefined,
    };
  }

  const fake: FakeBroker = {
    name: 'fake',
    prefetchIsFixed,
    refusePublishing: false,
    refuseDead: false,
    results,
    dead,
    log,
    get connections() {
      return connections;
    },
    put(id) {
      stored.push({ id, delivered: 0, state: 'ready' });
      give();
    },
    cut() {
      const lost = hooks;
      hooks = undefined;
      wanted = 0;
      for (const message of stored) if (message.state === 'out') message.state = 'ready';
      lost?.lost(new WeirError('connection-lost', 'Cut.'));
    },
    left: () => stored.filter(({ state }) => state !== 'gone').map(({ id }) => id),
    connect(prefetch, given) {
      connections += 1;
      hooks = given;
      limit = prefetch;
      const session: BrokerSession = {
        leaseMs: undefined,
        want(more) {
          wanted = more;
          give();
        },
        publish({ to, id, headers }) {
          if (hooks === undefined) return Promise.reject(new WeirError('connection-lost', 'Cut.'));
          const isDead = to === 'dead';
          if (isDead ? fake.refuseDead : fake.refusePublishing)
            return Promise.reject(new WeirError('connection-refused', 'Nobody stores that.'));
          log.push(`${isDead ? 'dead' : 'result'} ${id}`);
          if (isDead) dead.push({ id, reason: headers['weir-reason'] });
          else results.push(id);
          return Promise.resolve({ duplicate: false });
        },
        put: () => Promise.resolve({ duplicate: false }),
        reply: none,
        inspect: () => Promise.resolve(undefined),
        deadLetters: {
          list: () => Promise.resolve([]),
          open: () => Promise.reject(new Error('None is here.')),
          redrive: none,
          discard: none,
        },
        close() {
          if (hooks === given) {
            hooks = undefined;
            for (const message of stored) if (message.state === 'out') message.state = 'ready';
          }
          return none();
        },
      };
      // The real ones answer later.
      return Promise.resolve(session).then((opened) => {
        if (prefetchIsFixed) queueMicrotask(give);
        return opened;
      });
    },
  };
  return fake;
}
