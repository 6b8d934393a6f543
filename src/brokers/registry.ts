/** The one list of brokers: a new one costs a file, a test and a line here. Each is fetched when it is first used. */
import type { Observable } from 'rxjs';
import { defer, switchMap } from 'rxjs';
import { WeirError } from '../core/errors.ts';
import { shownAddress } from '../core/address.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import type { Credentials, WorkKind } from '../core/work.ts';
import type { Broker, BrokerSession } from './broker.ts';
import type { RecentIds } from './recentIds.ts';
import type { WorkMemory } from './workMemory.ts';

export interface WorkHost {
  readonly credentials: Credentials;
  readonly worker: string;
  readonly settling: () => Settings['settling'];
  readonly prefetch: () => number;
  readonly slots: () => number;
  readonly memory: WorkMemory;
  readonly recent: RecentIds;
  readonly onSession: (session: BrokerSession | undefined) => void;
}

type SourceSettings = Settings['source'];

interface BrokerEntry {
  /** Settings whose change needs a new opening. */
  readonly reopenOn: readonly (keyof SourceSettings)[];
  load(
    source: SourceSettings,
    host: WorkHost,
    names: { readonly name: string; readonly dead: string },
  ): Promise<Broker>;
}

export const brokers: Readonly<Record<WorkKind, BrokerEntry>> = {
  nats: {
    reopenOn: ['kind', 'url', 'queue', 'consumer', 'subject'],
    async load({ url, queue, consumer }, { credentials, settling }, { name, dead }) {
      const { createNats } = await import('./nats.ts');
      const { maxDeliveries } = await import('./decide.ts');
      const { ackWaitMs, maxBackoffMs } = settling();
      // A broker that gave up before the worker would leave the job in the stream with nobody to see it.
      const maxDeliver = 2 * maxDeliveries(settling());
      return createNats({
        url,
        stream: queue,
        consumer,
        dead,
        ackWaitMs,
        maxDeliver,
        credentials,
        name,
        rejectDelayMs: maxBackoffMs,
      });
    },
  },
  rabbitmq: {
    reopenOn: ['kind', 'url', 'queue'],
    async load({ url, queue }, { credentials }, { name, dead }) {
      const { createRabbitmq } = await import('./rabbitmq.ts');
      return createRabbitmq({ url, queue, dead, credentials, name });
    },
  },
};

export function createWork(kind: WorkKind, source: SourceSettings, host: WorkHost, context: SourceContext): Source {
  const { url, queue, subject } = source;
  const isLive = kind === 'nats' && subject !== '';
  return {
    pausable: !isLive,
    open: (demand: Observable<number>) =>
      defer(async () => {
        if (url === '' || (queue === '' && !isLive))
          throw new WeirError('cancelled', 'A work queue needs the address of its server and the name of its queue.');
        if (!/^wss?:\/\/[^/\s]+/i.test(url))
          throw new WeirError('connection-refused', `"${shownAddress(url)}" is no WebSocket address.`);
        context.onState({ status: 'opening' });
        if (isLive) {
          const { createNatsSubject } = await import('./natsSubject.ts');
          const name = `${shownAddress(url)}, ${subject}`;
          const hosts = () => host.settling().hosts;
          return createNatsSubject({ url, subject, name, hosts, credentials: host.credentials }, context);
        }
        const dead = host.settling().dead || `${queue}.dead`;
        const { createWorkSource } = await import('./workSource.ts');
        const broker = await brokers[kind].load(source, host, { name: `${shownAddress(url)}, ${queue}`, dead });
        return createWorkSource(broker, { ...host, kind, queue, results: `${queue}.results`, dead }, context);
      }).pipe(switchMap((opened) => opened.open(demand))),
  };
}
