/** The few calls of JetStream's API that a worker needs: requests on subjects, answers in JSON that are checked before use. */
import { headers as createHeaders, type NatsConnection } from '@nats-io/nats-core';
import { WeirError } from '../core/errors.ts';
import { natsError } from './natsErrors.ts';

/** Also on messages that are published again, where the broker's own id would be a duplicate. */
export const jobIdHeader = 'Weir-Job-Id';

export interface ConsumerInfo {
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  /** 0: not told. */
  readonly ackWaitMs: number;
}

export interface StoredMessage {
  readonly seq: number;
  readonly header: (name: string) => string | undefined;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface JetStream {
  consumerInfo(stream: string, consumer: string): Promise<ConsumerInfo | undefined>;
  createConsumer(stream: string, config: Readonly<Record<string, unknown>> & { durable_name: string }): Promise<void>;
  streamInfo(
    stream: string,
  ): Promise<{ readonly messages: number; readonly firstAt: string; readonly subjects: readonly string[] }>;
  /** Undefined: none stores this subject. */
  streamOf(subject: string): Promise<string | undefined>;
  /** Resolves when it is stored. */
  publish(
    subject: string,
    body: Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly duplicate: boolean }>;
  /** The first message of a subject from a sequence number on. */
  message(stream: string, from: number, subject?: string): Promise<StoredMessage | undefined>;
  remove(stream: string, seq: number): Promise<void>;
}

const withinMs = 10_000;
const noStream = 10_059;
const noConsumer = 10_014;
const noMessage = 10_037;

type Json = Readonly<Record<string, unknown>>;

export function jetStream(connection: NatsConnection, url: string): JetStream {
  async function ask(subject: string, request: unknown = ''): Promise<Json> {
    const body = request === '' ? '' : JSON.stringify(request);
    let answer: unknown;
    try {
      answer = (await connection.request(`$JS.API.${subject}`, body, { timeout: withinMs })).json();
    } catch (error) {
      throw natsError(error, url);
    }
    return isJson(answer) ? answer : {};
  }
  const within = (value: Json, name: string): Json => {
    const part = value[name];
    return isJson(part) ? part : {};
  };
  const count = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
  const word = (value: unknown) => (typeof value === 'string' ? value : '');
  const errorOf = (answer: Json) => {
    const error = within(answer, 'error');
    return { code: count(error['err_code']), text: word(error['description']).slice(0, 200) };
  };
  const check = (answer: Json, stream: string): Json => {
    const { code, text } = errorOf(answer);
    if (code === noStream) throw new WeirError('bad-settings', `There is no stream ${stream} on this server.`);
    if (code !== 0) throw new WeirError('bad-settings', `The stream ${stream} refuses that: ${text}.`);
    return answer;
  };
  return {
    async consumerInfo(stream, consumer) {
      const answer = await ask(`CONSUMER.INFO.${stream}.${consumer}`);
      if (errorOf(answer).code === noConsumer) return undefined;
      check(answer, stream);
      return {
        num_pending: count(answer['num_pending']),
        num_ack_pending: count(answer['num_ack_pending']),
        num_redelivered: count(answer['num_redelivered']),
        ackWaitMs: count(within(answer, 'config')['ack_wait']) / 1e6,
      };
    },
    async createConsumer(stream, config) {
      check(
        await ask(`CONSUMER.DURABLE.CREATE.${stream}.${config.durable_name}`, { stream_name: stream, config }),
        stream,
      );
    },
    async streamInfo(stream) {
      const info = check(await ask(`STREAM.INFO.${stream}`), stream);
      const state = within(info, 'state');
      const { subjects } = within(info, 'config');
      return {
        messages: count(state['messages']),
        firstAt: word(state['first_ts']),
        subjects: Array.isArray(subjects) ? subjects.map(word) : [],
      };
    },
    async streamOf(subject) {
      const { streams } = await ask('STREAM.NAMES', { subject });
      return Array.isArray(streams) && typeof streams[0] === 'string' ? streams[0] : undefined;
    },
    async publish(subject, body, headers) {
      const all = createHeaders();
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      let answer: unknown;
      try {
        answer = (await connection.request(subject, body, { headers: all, timeout: withinMs })).json();
      } catch (error) {
        const { code, details } = natsError(error, url);
        const message =
          code === 'permission-denied'
            ? `This user may not publish on ${subject}.`
            : code === 'bad-settings'
              ? `No stream stores what is published on ${subject}.`
              : `Nobody confirmed what was published on ${subject}.`;
        // Whatever it is, the job itself is sound: it is done again later.
        throw new WeirError('connection-refused', message, details === undefined ? {} : { details });
      }
      if (!isJson(answer) || answer['error'] !== undefined || answer['stream'] === undefined)
        throw new WeirError('connection-refused', `What was published on ${subject} was not stored.`, {
          details: JSON.stringify(answer).slice(0, 300),
        });
      return { duplicate: answer['duplicate'] === true };
    },
    async message(stream, from, subject) {
      const request = subject === undefined ? { seq: from } : { seq: from, next_by_subj: subject };
      const answer = await ask(`STREAM.MSG.GET.${stream}`, request);
      if (errorOf(answer).code === noMessage) return undefined;
      const { seq, hdrs, data } = within(check(answer, stream), 'message');
      return {
        seq: count(seq),
        header: headerOf(typeof hdrs === 'string' ? new TextDecoder().decode(fromBase64(hdrs)) : ''),
        data: typeof data === 'string' ? fromBase64(data) : new Uint8Array(0),
      };
    },
    async remove(stream, seq) {
      check(await ask(`STREAM.MSG.DELETE.${stream}`, { seq }), stream);
    },
  };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Lines `Name: value` after the first, which names the version. */
function headerOf(text: string): StoredMessage['header'] {
  const lines = text.split('\r\n').slice(1);
  const all = new Map(
    lines.flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
    }),
  );
  return (name) => all.get(name.toLowerCase());
}
