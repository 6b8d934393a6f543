/**
 * A work queue as a source: takes jobs, keeps their results, and ends each at the broker by what became of it.
 *
 *   broker delivers        arrived: recognised, read, held
 *     the gate asks        emitted as a delivery
 *       engine, decode     createPipeline
 *         store            the result is published and confirmed
 *           settle         ack, retry, dead letter or release: decide.ts
 *
 * A connection that is lost takes its deliveries with it: the broker gives them out again, so nothing of an old one is
 * ever acknowledged. What is the same for every broker is here; what is not, in a file of its own.
 */
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import { fullJitterMs } from '../core/fullJitter.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import type { MadeResult } from '../core/result.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import type { QueueLook, WorkKind } from '../core/work.ts';
import { createBreaker } from './breaker.ts';
import { type Arrival, type Broker, type BrokerSession, isFinal } from './broker.ts';
import { classOf, type Decision, decide, maxDeliveries } from './decide.ts';
import { createHeartbeat } from './heartbeat.ts';
import { automaticPrefetch } from './prefetch.ts';
import { readJob } from './readJob.ts';
import type { RecentIds } from './recentIds.ts';
import { resultMessage } from './resultMessage.ts';
import type { Ending } from './workCounts.ts';
import type { WorkMemory } from './workMemory.ts';

export interface WorkSourceOptions {
  readonly kind: WorkKind;
  readonly queue: string;
  readonly worker: string;
  /** Where results and dead letters go unless the settings say. */
  readonly results: string;
  readonly dead: string;
  readonly settling: () => Settings['settling'];
  /** 0: automatic. */
  readonly prefetch: () => number;
  /** Of the engine. */
  readonly slots: () => number;
  readonly memory: WorkMemory;
  /** Of this page's life. */
  readonly recent: RecentIds;
  readonly random?: () => number;
  /** The connection of this moment, for those who look at dead letters. */
  readonly onSession?: (session: BrokerSession | undefined) => void;
}

/** One job at this worker, from its arrival until its end is confirmed. */
interface Job {
  arrival: Arrival;
  /** Its arrival went with its connection, or the broker has taken it back: there is nothing to acknowledge. */
  isVoid: boolean;
  readonly receivedAt: number;
  payload: Payload | undefined;
  delivery: Delivery<Payload> | undefined;
  ending: boolean;
  /** Came again while the one before it was being ended. */
  readonly again: Arrival[];
}

const inspectEveryMs = 1000;
/** A connection that stood so long is a good one: the next loss is a first one. */
const goodAfterMs = 5000;
/** A prefetch that was measured changes the connection of a broker that fixes it at most this often. */
const retuneEveryMs = 15_000;

export function createWorkSource(broker: Broker, options: WorkSourceOptions, context: SourceContext): Source {
  const { clock } = context;
  const { memory, recent, random = Math.random } = options;
  const { ledger } = memory;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        const jobs = new Map<string, Job>();
        const held: Job[] = [];
        const breaker = createBreaker(() => options.settling().breakAfter);
        let session: BrokerSession | undefined;
        let asked = 0;
        let emitting = false;
        let nextId = 0;
        let gone = false;
        let frozen = false;
        /** Each connection has a number, so that nothing of an old one is taken for the new one's. */
        let epoch = 0;
        let attempts = 0;
        let connectedAt = NaN;
        let everConnected = false;
        let prefetch = 2;
        let serviceMs = 0;
        let look: QueueLook | undefined;
        let reconnectTimer: ReturnType<typeof setTimeout> | undefined;
        let breakerTimer: ReturnType<typeof setTimeout> | undefined;
        let closing: (() => void) | undefined;
        let lastFailure = '';

        const measuredPrefetch = () => {
          const chosen = options.prefetch();
          if (chosen > 0) return chosen;
          const { p50, n } = memory.publish.read();
          return automaticPrefetch(options.slots(), n < 20 ? 0 : 2 * p50, serviceMs);
        };

        context.onWork?.(() => {
          const until = breaker.openUntil;
          return {
            kind: options.kind,
            queue: options.queue,
            counts: ledger.counts(),
            look,
            prefetch,
            waitMs: memory.wait.read(),
            runMs: memory.run.read(),
            totalMs: memory.total.read(),
            publishMs: memory.publish.read(),
            heartbeatLagMs: heartbeat.worstLagMs(clock.now()),
            ackWaitMs: leaseMs(),
            ...(until === undefined ? {} : { broken: { until, message: lastFailure } }),
          };
        });

        const leaseMs = () => session?.leaseMs ?? options.settling().ackWaitMs;
        const isTaking = () => session !== undefined && !gone && !frozen;

        const take = () => {
          if (!isTaking()) return;
          const allowed = Math.min(prefetch, breaker.allowance(clock.now()));
          session?.want(Math.max(0, allowed - jobs.size));
        };

        /** Jobs that the pipeline has, and that it may still have more of. */
        const isOut = ({ delivery }: Job) => delivery !== undefined;
        const mayEmit = () => {
          const allowance = breaker.allowance(clock.now());
          return allowance === Infinity || [...jobs.values()].filter(isOut).length < allowance;
        };

        /** Within demand, in order; the gate may ask for more, or take back, inside `next`. */
        const emit = () => {
          if (emitting) return;
          emitting = true;
          while (asked > 0 && isTaking() && mayEmit()) {
            const job = held.shift();
            if (job === undefined) break;
            if (job.payload === undefined || job.ending) continue;
            asked -= 1;
            job.delivery = deliveryOf(job, job.payload);
            job.payload = undefined;
            subscriber.next(job.delivery);
          }
          emitting = false;
        };

        const deliveryOf = (job: Job, payload: Payload): Delivery<Payload> => {
          const delivery: Delivery<Payload> = new Delivery<Payload>({
            id: nextId++,
            source: context.id,
            payload,
            bytes: job.arrival.body.length,
            scheduled: job.receivedAt,
            arrived: job.receivedAt,
            attempt: job.arrival.attempt,
            unserved: { kind: 'released' },
            store: (made) => store(job, delivery, made),
            onSettle: (outcome) => settle(job, delivery, outcome),
          });
          return delivery;
        };

        async function store(job: Job, { stamps }: Delivery, made: MadeResult): Promise<Outcome> {
          const { arrival } = job;
          const { id, replyTo, correlationId } = arrival;
          const through = session;
          if (job.isVoid || through === undefined) return { kind: 'released' };
          const began = clock.now();
          try {
            const publication = {
              to: options.settling().results || options.results,
              id,
              body: resultMessage(made, stamps, { id, attempt: arrival.attempt, worker: options.worker }),
              contentType: 'application/json',
              headers: {},
            };
            if (replyTo === undefined) {
              const { duplicate } = await through.publish(publication);
              if (duplicate) ledger.duplicate();
            } else await through.reply(replyTo, publication, correlationId);
            ledger.published();
            recent.add(id);
            memory.publish.record(clock.now() - began);
            return { kind: 'completed' };
          } catch (thrown) {
            if (job.isVoid) return { kind: 'released' };
            return { kind: 'failed', error: WeirError.wrap(thrown, 'connection-lost').toData() };
          }
        }

        function settle(job: Job, { stamps }: Delivery, outcome: Outcome): void {
          const { began, ran } = stamps;
          if (outcome.kind === 'completed') {
            breaker.succeeded();
            if (ran > began) serviceMs = serviceMs === 0 ? ran - began : serviceMs + (ran - began - serviceMs) / 16;
            memory.run.record(stamps.decoded - job.receivedAt);
          } else if (outcome.kind === 'failed' && classOf(outcome.error.code) !== 'never') trip(outcome.error);
          void end(job, decide(outcome, job.arrival.attempt, options.settling(), random));
        }

        function trip(error: WeirErrorData): void {
          lastFailure = error.message;
          if (!breaker.failed(clock.now())) return;
          clearTimeout(breakerTimer);
          breakerTimer = setTimeout(
            () => {
              take();
              emit();
            },
            (breaker.openUntil ?? 0) - clock.now() + 1,
          );
        }

        /** Ends a job at the broker; what cannot be told to it any more it gives out again by itself. */
        async function end(job: Job, decision: Decision): Promise<void> {
          job.ending = true;
          if (!job.isVoid && !(decision.kind === 'release' && releasesOnClose())) {
            const of = epoch;
            let ending: Ending = 'released';
            try {
              ending = await carryOut(job, decision);
            } catch {
              // Not confirmed, so it counts as taken back by the broker; it will come again.
            }
            if (!job.isVoid && of === epoch) {
              ledger.ended(ending);
              job.isVoid = true;
              if (ending === 'acknowledged') memory.total.record(clock.now() - job.receivedAt);
            }
          } else if (!job.isVoid) {
            // Goes back when the connection is closed.
            job.delivery = undefined;
            closing?.();
            return;
          }
          if (jobs.get(job.arrival.id) === job) jobs.delete(job.arrival.id);
          for (const arrival of job.again.splice(0)) accept(arrival);
          take();
          emit();
          closing?.();
        }

        const releasesOnClose = () => broker.prefetchIsFixed && (gone || frozen);

        async function carryOut({ arrival }: Job, decision: Decision): Promise<Ending> {
          switch (decision.kind) {
            case 'ack':
              await arrival.ack();
              return 'acknowledged';
            case 'retry':
              await arrival.retry(decision.delayMs);
              return 'retried';
            case 'release':
              await arrival.release();
              return 'released';
            case 'dead':
              return bury(arrival, decision);
          }
        }

        async function bury(arrival: Arrival, { reason, message }: Decision & { kind: 'dead' }): Promise<Ending> {
          if (session === undefined) throw new WeirError('connection-lost', 'There is no connection.');
          try {
            await session.publish({
              to: options.settling().dead || options.dead,
              id: arrival.id,
              once: arrival.message,
              body: arrival.body,
              contentType: arrival.contentType ?? 'application/octet-stream',
              headers: {
                ...arrival.origin,
                ...(arrival.storedAt === undefined ? {} : { 'weir-first-at': String(Math.round(arrival.storedAt)) }),
                'weir-reason': reason,
                'weir-message': oneLine(message),
                'weir-attempts': String(arrival.attempt),
                'weir-worker': options.worker,
                'weir-died-at': String(Math.round(clock.now())),
              },
            });
          } catch {
            const ending = await arrival.reject();
            if (ending === 'deadLettered') ledger.dead(reason);
            return ending;
          }
          await arrival.bury();
          ledger.dead(reason);
          return 'deadLettered';
        }

        function arrived(arrival: Arrival): void {
          ledger.received(arrival.redelivered);
          if (arrival.storedAt !== undefined) memory.wait.record(Math.max(0, clock.now() - arrival.storedAt));
          if (Math.abs(clock.now() - connectedAt) > goodAfterMs) attempts = 0;
          accept(arrival);
        }

        function accept(arrival: Arrival): void {
          const { id } = arrival;
          const known = jobs.get(id);
          if (known?.ending === true) {
            known.again.push(arrival);
            return;
          }
          if (known !== undefined) {
            // Its lease ran out, or its connection was lost: the newest delivery is the one to acknowledge.
            ledger.duplicate();
            if (!known.isVoid) ledger.ended('released');
            known.arrival = arrival;
            known.isVoid = false;
            return;
          }
          const job: Job = {
            arrival,
            isVoid: false,
            receivedAt: clock.now(),
            payload: undefined,
            delivery: undefined,
            ending: false,
            again: [],
          };
          jobs.set(id, job);
          if (recent.has(id)) {
            ledger.duplicate();
            void end(job, { kind: 'ack' });
          } else if (gone || frozen) void end(job, { kind: 'release' });
          else if (arrival.attempt > maxDeliveries(options.settling())) {
            const message = `It was delivered ${arrival.attempt} times, and no worker lived to say what became of it.`;
            void end(job, { kind: 'dead', reason: 'never-settled', message });
          } else
            void readJob(arrival.body.slice(), arrival.contentType, options.settling()).then((payload) => {
              if (job.ending || job.isVoid || jobs.get(id) !== job) return;
              job.payload = payload;
              if (gone || frozen) return end(job, { kind: 'release' });
              held.push(job);
              emit();
              return undefined;
            });
        }

        /** The broker has taken back what was not acknowledged: the engine may go on, but nothing of it counts. */
        function lose(): void {
          epoch += 1;
          session = undefined;
          options.onSession?.(undefined);
          held.length = 0;
          for (const job of [...jobs.values()]) {
            if (!job.isVoid) ledger.ended('released');
            job.isVoid = true;
            job.again.length = 0;
            const { delivery } = job;
            // What the engine has stays known: it may be delivered here again before it is done.
            if (delivery === undefined || delivery.outcome !== undefined) jobs.delete(job.arrival.id);
            else if (Number.isNaN(delivery.stamps.dequeued)) delivery.settle({ kind: 'released' }, clock.now());
          }
          closing?.();
        }

        function retry(error: WeirError): void {
          if (gone || frozen) return;
          const wait = fullJitterMs(attempts++, random);
          context.onState({ status: 'retrying', retryAt: clock.now() + wait, error: error.toData() });
          reconnectTimer = setTimeout(() => void connect(), wait);
        }

        async function connect(): Promise<void> {
          context.onState({ status: 'opening' });
          const of = ++epoch;
          prefetch = measuredPrefetch();
          /** Lost while it was being opened: the opening fails with it. */
          let early: WeirError | undefined;
          try {
            const opened = await broker.connect(prefetch, {
              arrived: (arrival) => {
                if (of !== epoch) return;
                arrived(arrival);
              },
              lost: (error) => {
                if (of !== epoch) return;
                if (session === undefined) {
                  early = error;
                  return;
                }
                lose();
                if (isFinal(error) && error.code !== 'bad-settings') subscriber.error(error);
                else retry(error);
              },
            });
            if (of !== epoch || gone || frozen) {
              await opened.close();
              return;
            }
            if (early !== undefined) throw early;
            session = opened;
          } catch (thrown) {
            if (of !== epoch || gone || frozen) return;
            const error = WeirError.wrap(thrown, 'connection-refused');
            // What came before it failed goes back with the connection.
            lose();
            // A broker that starts again may not know its queues for a moment.
            if (isFinal(error) && !everConnected) subscriber.error(error);
            else retry(error);
            return;
          }
          heartbeat.restart();
          everConnected = true;
          connectedAt = clock.now();
          options.onSession?.(session);
          context.onState({ status: 'open', facts: broker.name });
          take();
          // Some may have come with the answer that it is open.
          emit();
        }

        const heartbeat = createHeartbeat({
          clock,
          everyMs: () => Math.min(leaseMs() / 3, 10_000),
          beat() {
            for (const { arrival, isVoid, ending } of jobs.values()) if (!isVoid && !ending) arrival.working?.();
          },
          // The machine slept: what was leased is somebody else's by now.
          tooLateMs: leaseMs,
          overslept: () => reconnect(),
        });

        function reconnect(): void {
          const last = session;
          if (last === undefined) return;
          lose();
          void last.close();
          void connect();
        }

        let retunedAt = clock.now();
        const inspectTimer = setInterval(() => {
          const of = session;
          if (of === undefined) return;
          of.inspect().then(
            (seen) => {
              if (of === session) look = seen;
            },
            () => {
              look = undefined;
            },
          );
          const next = measuredPrefetch();
          if (next === prefetch || gone || frozen) return;
          if (!broker.prefetchIsFixed) {
            prefetch = next;
            take();
            return;
          }
          const isChosen = options.prefetch() > 0;
          const isWorth = isChosen || Math.abs(next - prefetch) > prefetch / 2;
          if (!isWorth || (!isChosen && clock.now() - retunedAt < retuneEveryMs)) return;
          retunedAt = clock.now();
          frozen = true;
          void drained().then(() => {
            frozen = false;
            if (!gone) reconnect();
          });
        }, inspectEveryMs);

        const isStarted = ({ delivery, ending, isVoid }: Job) =>
          !isVoid && (ending ? delivery !== undefined : delivery !== undefined && delivery.outcome === undefined);

        /** What was begun has ended, or the time for it is over. */
        function drained(): Promise<void> {
          return new Promise((done) => {
            const finish = () => {
              clearTimeout(timer);
              closing = undefined;
              done();
            };
            const timer = setTimeout(finish, options.settling().drainMs);
            closing = () => {
              if (![...jobs.values()].some(isStarted)) finish();
            };
            closing();
          });
        }

        /** Gives back what was not started, at once where the broker has a word for it. */
        function giveBack(): void {
          for (const job of held.splice(0)) void end(job, { kind: 'release' });
        }

        const lifecycle = context.lifecycle$?.subscribe((what) => {
          if (what === 'resumed') {
            if (!frozen) return;
            frozen = false;
            if (session === undefined) void connect();
            else reconnect();
            return;
          }
          frozen = true;
          clearTimeout(reconnectTimer);
          giveBack();
          if (![...jobs.values()].some(isStarted)) {
            const last = session;
            lose();
            void last?.close();
          }
        });
        const demands = demand.subscribe((more) => {
          asked = more;
          emit();
        });
        void connect();

        return () => {
          gone = true;
          demands.unsubscribe();
          lifecycle?.unsubscribe();
          clearInterval(inspectTimer);
          clearTimeout(reconnectTimer);
          clearTimeout(breakerTimer);
          giveBack();
          void drained().then(async () => {
            heartbeat.stop();
            const last = session;
            lose();
            await last?.close();
          });
        };
      }),
  };
}

/** Headers of a message hold one line; the message of an error may quote anything. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}
