/**
 * Listens to results and acknowledgements of a NATS queue in the order in which the server takes them, to see that no job
 * is acknowledged before its result is there. While the broker is down nothing is heard; what was stored until then counts.
 */
import { connectNats } from '../server/brokerClients.ts';
import { storedIn } from './storedResults.ts';

export interface AckWatch {
  /** Acknowledgements that were heard. */
  seen(): number;
  /** @param ids of the jobs by their sequence number */
  tooEarly(ids: ReadonlyMap<number, string>): string[];
  close(): Promise<void>;
}

type Heard = { readonly result: string } | { readonly ack: number };

export function watchAcks(url: string, queue: string): AckWatch {
  const log: Heard[] = [];
  let closed = false;
  let hangUp = () => Promise.resolve();

  async function listen(): Promise<void> {
    while (!closed) {
      try {
        const connection = await connectNats(url, { reconnect: false });
        hangUp = () => connection.close();
        const heard: Heard[] = [];
        let into = heard;
        connection.subscribe(`${queue}.results`, {
          callback: (error, message) => {
            if (error === null) into.push({ result: message.headers?.get('Weir-Job-Id') ?? '' });
          },
        });
        connection.subscribe(`$JS.ACK.${queue}.>`, {
          callback: (error, message) => {
            if (error === null && message.string() === '+ACK')
              into.push({ ack: Number(message.subject.split('.')[5]) });
          },
        });
        await connection.flush();
        // What is stored already was stored before what is heard from now on.
        const { ids } = await storedIn('nats', url, `${queue}.results`);
        log.push(...ids.map((result) => ({ result })), ...heard);
        into = log;
        await connection.closed();
      } catch {
        await new Promise((done) => setTimeout(done, 100));
      }
    }
  }
  void listen();

  return {
    seen: () => log.filter((heard) => 'ack' in heard).length,
    tooEarly(ids) {
      const stored = new Set<string>();
      const early: string[] = [];
      for (const heard of log) {
        if ('result' in heard) stored.add(heard.result);
        else {
          const id = ids.get(heard.ack);
          if (id !== undefined && !stored.has(id)) early.push(id);
        }
      }
      return early;
    },
    async close() {
      closed = true;
      await hangUp();
    },
  };
}
