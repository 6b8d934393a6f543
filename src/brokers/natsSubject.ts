/** A subject of core NATS as a live source: what is published while nobody can take it is gone, as with any live source. */
import { Match } from '@nats-io/nats-core';
import { Observable } from 'rxjs';
import { Delivery } from '../core/delivery.ts';
import { WeirError } from '../core/errors.ts';
import { fullJitterMs } from '../core/fullJitter.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import type { Credentials } from '../core/work.ts';
import { isFinal } from './broker.ts';
import { connectNats } from './nats.ts';
import { natsError } from './natsErrors.ts';
import { readJob } from './readJob.ts';

export interface NatsSubjectOptions {
  readonly url: string;
  readonly subject: string;
  readonly credentials: Credentials;
  readonly name: string;
  readonly hosts: () => string;
}

export function createNatsSubject(options: NatsSubjectOptions, context: SourceContext): Source {
  const { url, subject, name } = options;
  return {
    pausable: false,
    open: () =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let nextId = 0;
        let attempts = 0;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let hangUp = () => {};
        const retry = (error: WeirError) => {
          if (subscriber.closed) return;
          if (isFinal(error)) return subscriber.error(error);
          const wait = fullJitterMs(attempts++);
          context.onState({ status: 'retrying', retryAt: context.clock.now() + wait, error: error.toData() });
          timer = setTimeout(() => void connect(), wait);
        };
        const connect = async () => {
          context.onState({ status: 'opening' });
          try {
            const connection = await connectNats(options);
            hangUp = () => void connection.close();
            if (subscriber.closed) return hangUp();
            connection.subscribe(subject, {
              callback(error, message) {
                if (error !== null) {
                  retry(natsError(error, url));
                  return hangUp();
                }
                attempts = 0;
                const arrived = context.clock.now();
                const body = new Uint8Array(message.data);
                const type = message.headers?.get('Content-Type', Match.IgnoreCase) || undefined;
                void readJob(body, type, { hosts: options.hosts() }).then((payload) =>
                  subscriber.next(
                    new Delivery<Payload>({
                      id: nextId++,
                      source: context.id,
                      payload,
                      bytes: body.length,
                      scheduled: arrived,
                      arrived,
                    }),
                  ),
                );
              },
            });
            context.onState({ status: 'open', facts: name });
            void connection.closed().then((error) => {
              hangUp = () => {};
              retry(natsError(error, url, 'connection-lost'));
            });
          } catch (error) {
            retry(WeirError.wrap(error, 'connection-refused'));
          }
        };
        void connect();
        return () => {
          clearTimeout(timer);
          hangUp();
        };
      }),
  };
}
