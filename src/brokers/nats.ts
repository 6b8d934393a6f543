/**
 * NATS JetStream over its own websocket: a durable pull consumer, so that each worker asks for as much as it can do.
 * Pulls are our own, because the client's `consume` bounds what it has buffered and not what is unacknowledged; the
 * protocol is that of ADR-13 (nats-io/nats-architecture-and-design), subjects and replies of ADR-1.
 */
import {
  createInbox,
  headers as createHeaders,
  jwtAuthenticator,
  Match,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  wsconnect,
} from '@nats-io/nats-core';
import { WeirError } from '../core/errors.ts';
import type { Credentials } from '../core/work.ts';
import type { Arrival, Broker, BrokerSession, Publication } from './broker.ts';
import { createNatsDeadLetters } from './natsDeadLetters.ts';
import { natsError } from './natsErrors.ts';
import { jobIdHeader, jetStream, type JetStream } from './jetStream.ts';

export interface NatsOptions {
  readonly url: string;
  readonly stream: string;
  readonly consumer: string;
  readonly dead: string;
  readonly ackWaitMs: number;
  /** The broker's own limit, behind that of the worker: what it ends stays in the stream and is never given out again. */
  readonly maxDeliver: number;
  readonly credentials: Credentials;
  readonly name: string;
  /** The wait when a dead letter could not be stored. */
  readonly rejectDelayMs: number;
}

const pullExpiresMs = 20_000;
const confirmWithinMs = 10_000;

export function createNats(options: NatsOptions): Broker {
  return {
    name: options.name,
    prefetchIsFixed: false,
    async connect(prefetch, hooks) {
      const connection = await connectNats(options);
      let closing = false;
      try {
        const api = jetStream(connection, options.url);
        const leaseMs = await ensureConsumer(api, options);
        const pulls = createPulls(connection, options, prefetch, {
          arrived: (message) => {
            const arrival = arrivalOf(message, connection, options);
            if (arrival !== undefined) hooks.arrived(arrival);
          },
          broken: (error) => {
            closing = true;
            void connection.close();
            hooks.lost(error);
          },
        });
        void connection.closed().then((error) => {
          pulls.stop();
          if (!closing) hooks.lost(natsError(error, options.url, 'connection-lost'));
        });
        return sessionOf(connection, api, options, leaseMs, pulls.want, () => {
          closing = true;
        });
      } catch (error) {
        await connection.close();
        throw natsError(error, options.url);
      }
    },
  };
}

export async function connectNats({
  url,
  credentials: { user, password, token, seed, jwt },
}: Pick<NatsOptions, 'url' | 'credentials'>): Promise<NatsConnection> {
  const given = (text: string | undefined): text is string => text !== undefined && text !== '';
  const key = given(seed) ? new TextEncoder().encode(seed) : undefined;
  try {
    return await wsconnect({
      servers: url,
      // Lost connections are tried again by us, with full jitter.
      reconnect: false,
      timeout: 10_000,
      pingInterval: 5000,
      maxPingOut: 2,
      ignoreClusterUpdates: true,
      ...(given(user) ? { user, pass: password ?? '' } : {}),
      ...(given(token) ? { token } : {}),
      ...(given(jwt)
        ? { authenticator: jwtAuthenticator(jwt, key) }
        : key === undefined
          ? {}
          : { authenticator: nkeyAuthenticator(key) }),
    });
  } catch (error) {
    throw natsError(error, url);
  }
}

/** Made when it is not there; one that is there stays as its owner made it. Its ack wait, ms. */
async function ensureConsumer(
  api: JetStream,
  { stream, consumer, ackWaitMs, maxDeliver }: NatsOptions,
): Promise<number> {
  const known = await api.consumerInfo(stream, consumer);
  if (known !== undefined) return known.ackWaitMs || ackWaitMs;
  await api.createConsumer(stream, {
    durable_name: consumer,
    ack_policy: 'explicit',
    ack_wait: ackWaitMs * 1e6,
    max_deliver: maxDeliver,
    deliver_policy: 'all',
    replay_policy: 'instant',
  });
  return ackWaitMs;
}

interface PullHooks {
  arrived(message: Msg): void;
  broken(error: WeirError): void;
}

/** Keeps as many jobs asked for as are wanted; what expires at the server is asked for again. */
function createPulls(
  connection: NatsConnection,
  { stream, consumer, url }: NatsOptions,
  prefetch: number,
  hooks: PullHooks,
): { want(more: number): void; stop(): void } {
  /** Of each request what may still come, the oldest first. */
  const open: { left: number; readonly at: number }[] = [];
  let wanted = 0;
  const inbox = createInbox();
  const outstanding = () => open.reduce((sum, { left }) => sum + left, 0);

  const fill = () => {
    const more = wanted - outstanding();
    // One request for some jobs instead of one for each, as long as others are still on their way.
    if (more <= 0 || (more < prefetch / 4 && outstanding() > 0)) return;
    open.push({ left: more, at: performance.now() });
    const request = { batch: more, expires: pullExpiresMs * 1e6 };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), { reply: inbox });
  };
  connection.subscribe(inbox, {
    callback(error, message) {
      if (error !== null) return hooks.broken(natsError(error, url));
      const code = message.headers?.code ?? 0;
      if (code === 0) {
        const first = open.find(({ left }) => left > 0);
        if (first !== undefined) first.left -= 1;
        while (open[0]?.left === 0) open.shift();
        // It no longer may come: a want that was lowered meanwhile was not told to the server.
        wanted = Math.max(0, wanted - 1);
        return hooks.arrived(message);
      }
      // A heartbeat of the server.
      if (code === 100) return undefined;
      open.shift();
      const description = message.headers?.description ?? '';
      if (code === 503 || /deleted|push based/i.test(description))
        return hooks.broken(
          new WeirError('connection-lost', `The consumer ${consumer} of ${stream} does not answer any more.`, {
            details: `${code} ${description}`,
          }),
        );
      fill();
      return undefined;
    },
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    while (open[0] !== undefined && now - open[0].at > pullExpiresMs + 5000) open.shift();
    fill();
  }, 5000);
  return {
    want(more) {
      wanted = more;
      if (!connection.isClosed()) fill();
    },
    stop: () => clearInterval(sweep),
  };
}

function sessionOf(
  connection: NatsConnection,
  api: JetStream,
  options: NatsOptions,
  leaseMs: number,
  want: (more: number) => void,
  closes: () => void,
): BrokerSession {
  /** The server counts headers too, and ends the connection of whoever sends more. */
  const checkSize = ({ length: bodyBytes }: Uint8Array, headers: Readonly<Record<string, string>>) => {
    const limit = connection.info?.max_payload ?? Infinity;
    const headerBytes = Object.entries(headers).reduce(
      (sum, [name, value]) => sum + name.length + 3 * value.length,
      64,
    );
    const length = bodyBytes + headerBytes;
    if (length > limit)
      throw new WeirError('too-large', `The message has ${length} bytes; this server takes ${limit} at most.`);
  };
  const store = async (to: string, { id, once = id, body, contentType, headers }: Publication) => {
    const all = { ...headers, 'Nats-Msg-Id': once, [jobIdHeader]: id, 'Content-Type': contentType };
    checkSize(body, all);
    return api.publish(to, body, all);
  };
  return {
    leaseMs,
    want,
    publish: (publication) => store(publication.to, publication),
    async put(publication) {
      const [subject = options.stream] = (await api.streamInfo(options.stream)).subjects;
      if (/[*>]/.test(subject))
        throw new WeirError('bad-settings', `The stream ${options.stream} takes many subjects (${subject}), not one.`);
      return store(subject, publication);
    },
    async reply(to, { id, body, contentType, headers }, correlationId) {
      checkSize(body, headers);
      const all = createHeaders();
      for (const [name, value] of Object.entries({ ...headers, [jobIdHeader]: id, 'Content-Type': contentType }))
        all.set(name, value);
      if (correlationId !== undefined) all.set('Correlation-Id', correlationId);
      connection.publish(to, body, { headers: all });
      await connection.flush();
    },
    async inspect() {
      const [consumer, stream] = await Promise.all([
        api.consumerInfo(options.stream, options.consumer),
        api.streamInfo(options.stream),
      ]);
      const firstAt = stream.messages === 0 ? NaN : Date.parse(stream.firstAt);
      return {
        ready: consumer?.num_pending ?? null,
        unacked: consumer?.num_ack_pending ?? null,
        redelivered: consumer?.num_redelivered ?? null,
        oldestMs: Number.isNaN(firstAt) ? null : Math.max(0, Date.now() - firstAt),
      };
    },
    deadLetters: createNatsDeadLetters(api, options),
    async close() {
      closes();
      // What was just said goes out before.
      await connection.drain().catch(() => connection.close());
    },
  };
}

/** `$JS.ACK.[domain.account.]stream.consumer.delivered.sequence.consumerSequence.timestamp.pending[.token]` */
function arrivalOf(message: Msg, connection: NatsConnection, options: NatsOptions): Arrival | undefined {
  const { reply } = message;
  if (reply === undefined) return undefined;
  const parts = reply.split('.');
  const at = parts.length > 9 ? 6 : 4;
  const delivered = Number(parts[at]);
  const header = (name: string) => message.headers?.get(name, Match.IgnoreCase) || undefined;
  const say = (word: string) => connection.request(reply, word, { timeout: confirmWithinMs }).then(() => undefined);
  const later = (ms: number) => say(`-NAK ${JSON.stringify({ delay: Math.round(ms * 1e6) })}`);
  const replyTo = header('Reply-To');
  const correlationId = header('Correlation-Id');
  return {
    id: (header(jobIdHeader) ?? header('Nats-Msg-Id') ?? `${options.stream}:${parts[at + 1] ?? ''}`).slice(0, 200),
    message: `${options.stream}:${parts[at + 1] ?? ''}`,
    attempt: Number.isSafeInteger(delivered) && delivered > 0 ? delivered : 1,
    redelivered: delivered > 1,
    body: new Uint8Array(message.data),
    origin: {
      'weir-subject': message.subject,
      ...(replyTo === undefined ? {} : { 'weir-reply-to': replyTo }),
      ...(correlationId === undefined ? {} : { 'weir-correlation-id': correlationId }),
    },
    contentType: header('Content-Type'),
    replyTo,
    correlationId,
    storedAt: Number(parts[at + 3]) / 1e6 || undefined,
    ack: () => say('+ACK'),
    retry: later,
    // Without a delay it would come straight back and burn its deliveries.
    release: () => later(releaseDelayMs),
    bury: () => say('+TERM'),
    async reject() {
      await later(options.rejectDelayMs);
      return 'retried';
    },
    working: () => connection.publish(reply, '+WPI'),
  };
}

const releaseDelayMs = 100;
