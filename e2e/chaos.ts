/**
 * Kills tabs, the broker and the links between them while a queue is worked, and then counts by message id:
 * each job has its result stored, or it is a dead letter. Short in CI, long in `npm run prove -- chaos`.
 */
import { openProducer } from '../server/produceJobs.ts';
import { demoFrame } from '../server/demoScene.ts';
import type { Broker } from '../scripts/brokers/brokerProcess.ts';
import type { BrokerName } from '../scripts/brokers/findBrokers.ts';
import { type Link, startLink } from './link.ts';
import { storedIn } from './storedResults.ts';
import { watchAcks } from './watchAcks.ts';
import { openWorkerTab, type WorkerTab } from './workerTab.ts';

export interface ChaosOptions {
  readonly name: BrokerName;
  readonly broker: Broker;
  readonly origin: string;
  readonly queue: string;
  readonly messages: number;
  readonly tabKills: number;
  readonly brokerKills: number;
  readonly linkCuts: number;
  readonly serviceMs: number;
  readonly ratePerS: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly produced: number;
  readonly lost: readonly string[];
  readonly dead: number;
  readonly duplicates: number;
  readonly duplicatesAllowed: number;
  /** Jobs whose acknowledgement went before their result, of those that were listened to: at NATS, where one can. */
  readonly ackedTooEarly: readonly string[];
  readonly acksSeen: number;
  readonly seconds: number;
}

const tabs = 2;
const prefetch = 4;
const ackWaitMs = 3000;
const idleWithinMs = 90_000;

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { name, broker, origin, queue, messages, say } = options;
  const links: Link[] = [];
  const workers: WorkerTab[] = [];
  const started = Date.now();
  const acks = name === 'nats' ? watchAcks(broker.url, queue) : undefined;
  try {
    for (let i = 0; i < tabs; i++) {
      const link = await startLink(broker.url);
      links.push(link);
      workers.push(
        await openWorkerTab(
          origin,
          `engine.provider=simulated&engine.serviceMs=${options.serviceMs}&source.kind=constant`,
          {
            source: { kind: name, url: link.url, queue, prefetch },
            settling: { ackWaitMs, backoffMs: 200, maxBackoffMs: 1000, maxAttempts: 8 },
          },
        ),
      );
    }
    const filler = fill(options);
    const ids: string[] = [];
    const bySeq = new Map<number, string>();
    filler.onStored = (id, seq) => {
      ids.push(id);
      if (seq !== undefined) bySeq.set(seq, id);
    };
    const kinds = [
      ...Array.from({ length: options.tabKills }, () => 'tab' as const),
      ...Array.from({ length: options.linkCuts }, () => 'link' as const),
      ...Array.from({ length: options.brokerKills }, () => 'broker' as const),
    ];
    // Spread evenly, kinds mixed; the order is the same each time.
    const events = kinds
      .map((kind, index) => ({ kind, at: ((index * 7919) % kinds.length) + 1 }))
      .sort((a, b) => a.at - b.at);
    let next = 0;
    let cuts = 0;
    for (const [index, { kind }] of events.entries()) {
      while (ids.length < (messages * (index + 1)) / (events.length + 1)) await pause(20);
      if (kind === 'tab') {
        const victim = workers[next++ % tabs];
        await victim?.kill();
        await victim?.reopen();
      } else if (kind === 'link') {
        const link = links[next++ % tabs];
        if (cuts++ % 2 === 0) link?.cut();
        else link?.halfOpen();
      } else {
        await broker.kill();
        await pause(1000);
        await broker.restart();
      }
      say(`${((Date.now() - started) / 1000).toFixed(1)} s: ${kind}; ${ids.length} of ${messages} produced`);
    }
    await filler.done;
    await settled(workers, name, say);
    const results = await storedIn(name, broker.url, `${queue}.results`);
    const deadLetters = await storedIn(name, broker.url, `${queue}.dead`);
    const places = new Set([...results.ids, ...deadLetters.ids]);
    return {
      produced: ids.length,
      lost: ids.filter((id) => !places.has(id)),
      dead: new Set(deadLetters.ids).size,
      duplicates: results.ids.length - new Set(results.ids).size,
      duplicatesAllowed: prefetch * (options.tabKills + tabs * (options.brokerKills + options.linkCuts)),
      ackedTooEarly: acks?.tooEarly(bySeq) ?? [],
      acksSeen: acks?.seen() ?? 0,
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await acks?.close();
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(links.map((link) => link.close()));
  }
}

/** A producer that is there again when the broker is; what was not confirmed is put again under its id. */
function fill({ name, broker, queue, messages, ratePerS }: ChaosOptions) {
  const filler = { onStored: (_id: string, _seq: number | undefined) => {}, done: Promise.resolve() };
  const run = async () => {
    const started = Date.now();
    for (let index = 0; index < messages; ) {
      try {
        const producer = await openProducer({ kind: name, url: broker.url, queue });
        for (; index < messages; index++) {
          const wait = started + (index * 1000) / ratePerS - Date.now();
          if (wait > 1) await pause(wait);
          const id = `m-${index}`;
          const file = { bytes: new Uint8Array(demoFrame(index)), contentType: 'image/png' };
          filler.onStored(id, await producer.put(id, file));
        }
        await producer.close();
      } catch {
        await pause(300);
      }
    }
  };
  filler.done = run();
  return filler;
}

/** Until all workers have been idle for a while: nothing unacknowledged, nothing new. */
async function settled(workers: readonly WorkerTab[], name: BrokerName, say: (line: string) => void): Promise<void> {
  const deadline = Date.now() + idleWithinMs;
  let last = '';
  let since = Date.now();
  for (;;) {
    const all = await Promise.all(workers.map((worker) => worker.work()));
    const counts = all.map((each) => each?.counts);
    const now = JSON.stringify(counts);
    const busy = counts.some((each) => each === undefined || each.unacked > 0);
    if (now !== last || busy) since = Date.now();
    last = now;
    // Retries and leases that ran out come again within this time.
    const quietMs = name === 'nats' ? ackWaitMs + 2000 : 3000;
    if (Date.now() - since > quietMs) return;
    if (Date.now() > deadline) {
      say(`Not idle: ${now}`);
      return;
    }
    await pause(200);
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
