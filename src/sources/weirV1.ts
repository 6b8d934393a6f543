/**
 * Frames over `weir.v1`: the sender sends no more than it has credit for, and each message is answered by what became of it.
 * Credit follows the gate's demand, so `block` holds the sender itself back; docs/weir-v1.md is the specification.
 */
import { Observable } from 'rxjs';
import { shownAddress } from '../core/address.ts';
import { Delivery } from '../core/delivery.ts';
import { imageFormatOf } from '../core/imageFormat.ts';
import type { Payload } from '../core/payload.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isNpy } from '../core/wire/npy.ts';
import { weirV1, type WeirHeaderOf } from '../core/wire/weirV1.ts';
import { broken, type ReadPayload } from './readFile.ts';
import { type Chunk, createVideoChunks, type VideoChunks } from './videoChunks.ts';
import { brokenRule, connectWeir, type WeirConnectionOptions } from './weirConnection.ts';
import { createWeirSessions, type WeirSession, type WeirSessions } from './weirSession.ts';

export interface WeirV1Options extends WeirConnectionOptions {
  readonly sessions?: WeirSessions;
  readonly createChunks?: typeof createVideoChunks<VideoMessage>;
}

/** One message, and the stream that waits for its answer. */
interface Received {
  readonly header: WeirHeaderOf<'data'>;
  readonly session: WeirSession;
  /** When it was sent, on our clock as far as that is known. */
  readonly scheduled: number;
}
type VideoMessage = Chunk & Received;

/** Credit that is kept given while a lossy policy takes everything. */
const lossyWindow = 64;
/** How long what was begun may still be answered after the source was closed. */
const lingerMs = 2000;
/** A decoder that reorders gives nothing until it has several chunks: one more is asked for after so long, up to so many. */
const starvedMs = 50;
const maxSlack = 16;

/** Ids that were answered in this page's life, whichever run they came in. */
const pageSessions = createWeirSessions();

export function createWeirV1(options: WeirV1Options, context: SourceContext): Source {
  const { clock } = context;
  const { url, sessions = pageSessions, createChunks = createVideoChunks } = options;
  return {
    pausable: true,
    open: (demand) =>
      new Observable<Delivery<Payload>>((subscriber) => {
        let session: WeirSession | undefined;
        let detach = () => {};
        let window = lossyWindow;
        let nextId = 0;
        /** What the gate can take, less what it was given since it said so. */
        let asked = 0;
        /** Credit that the sender has not used. */
        let outstanding = 0;
        let slack = 0;
        let starvedTimer: ReturnType<typeof setTimeout> | undefined;
        let emitting = false;
        let endCame = false;
        let gone = false;
        let video: VideoChunks<VideoMessage> | undefined;
        /** What came on credit that the gate has taken back since; it waits here, bounded by that credit. */
        const held: { readonly delivery: Delivery<Payload>; readonly received: Received }[] = [];

        const say = () => {
          const again = session?.duplicates ?? 0;
          const duplicates =
            again === 0 ? '' : `, ${again} ${again === 1 ? 'duplicate' : 'duplicates'} not served again`;
          context.onState({ status: 'open', facts: `${shownAddress(url)}, ${weirV1}${duplicates}` });
        };

        const grant = () => {
          if (session === undefined || gone) return;
          const all = Math.min(window, lossyWindow);
          const room = asked - held.length - Math.max(0, (video?.inside ?? 0) - slack);
          const n = (asked === Infinity ? all : Math.min(room, window)) - outstanding;
          // A flood of single credits is of no use to a source that takes everything.
          if (n >= (asked === Infinity ? Math.max(1, all >> 1) : 1)) {
            outstanding += n;
            connection.send({ kind: 'credit', n });
          }
          clearTimeout(starvedTimer);
          // With pictures in hand it is the gate that waits, not the decoder.
          const starves = asked > held.length && outstanding <= 0;
          if (video === undefined || video.inside === 0 || !starves || slack >= maxSlack) return;
          starvedTimer = setTimeout(() => {
            slack += 1;
            grant();
          }, starvedMs);
        };

        /** All that was sent is answered: nothing is left to say. */
        const finish = () => {
          const isWorking = held.length > 0 || (video?.inside ?? 0) > 0;
          if (gone || !endCame || isWorking || session?.isQuiet === false) return;
          context.onState({ status: 'ended' });
          subscriber.complete();
        };

        /** Within demand, in order; the gate may ask for more, or take back, inside `next`. */
        const emit = () => {
          if (emitting) return;
          emitting = true;
          while (asked > 0 && !gone) {
            const first = held.shift();
            if (first === undefined) break;
            asked -= 1;
            subscriber.next(first.delivery);
          }
          emitting = false;
          grant();
          finish();
        };

        const deliver = (received: Received, read: ReadPayload, arrived: number, recycle = () => {}) => {
          const { header, session: of, scheduled } = received;
          if (gone) return of.settle(header.id, { kind: 'released' });
          const delivery = new Delivery<Payload>({
            id: nextId++,
            source: context.id,
            ...read,
            scheduled,
            arrived,
            ...(header.attempt === undefined ? {} : { attempt: header.attempt }),
            ...(header.deadlineMs === undefined ? {} : { deadlineMs: header.deadlineMs }),
            onSettle: (outcome) => {
              recycle();
              of.settle(header.id, outcome);
            },
          });
          held.push({ delivery, received });
          emit();
        };

        const chunksOf = () =>
          createChunks({
            onPicture: (message, payload, recycle) =>
              deliver(message, { payload, bytes: payload.buffer.byteLength }, clock.now(), recycle),
            onHidden({ header, session: of }) {
              of.settle(header.id, { kind: 'completed' });
              grant();
            },
            onLost({ header, session: of }, reason) {
              context.onMissed(1);
              of.refuse(header.id, `missed: ${reason}`);
              grant();
            },
            onBroken: (message, error) => deliver(message, broken(error), clock.now()),
            onGap: (count) => context.onMissed(count),
            onRoom: () => {
              grant();
              finish();
            },
            mayDrop: () => asked === Infinity,
          });

        const receive = (header: WeirHeaderOf<'data'>, payload: Uint8Array<ArrayBuffer>, now: number) => {
          if (session === undefined) return;
          if (outstanding <= 0) throw brokenRule(url, 'it sent more than it had credit for');
          outstanding -= 1;
          endCame = false;
          if (!session.receive(header.id)) {
            say();
            grant();
            return;
          }
          const sent = header.sentAt === undefined ? undefined : connection.clock.toOurs(header.sentAt, now);
          const received = { header, session, scheduled: sent ?? now };
          if (header.type.startsWith('video/')) {
            video ??= chunksOf();
            const { key: isKey = false, seq } = header;
            video.push({ ...received, codec: header.type.slice('video/'.length), isKey, seq, bytes: payload });
            grant();
            return;
          }
          const format = imageFormatOf(payload) ?? (isNpy(payload) ? 'npy' : 'unknown');
          deliver(received, { payload: { kind: 'encoded', format, bytes: payload }, bytes: payload.length }, now);
        };
        const end = () => {
          endCame = true;
          video?.flush();
          finish();
        };

        const connection = connectWeir(
          options,
          {
            onHello(hello) {
              session = sessions.of(url, hello.session);
              window = hello.window;
              const detachSend = session.attach(connection.send);
              const stopListening = session.listen(finish);
              detach = () => {
                detachSend();
                stopListening();
              };
              say();
              grant();
            },
            onData: receive,
            onEnd: end,
            onLost() {
              clearTimeout(starvedTimer);
              detach();
              session = undefined;
              outstanding = 0;
              endCame = false;
            },
            // Nobody is there to hear of what is still being served.
            onGoodbye: end,
            onError: (error) => subscriber.error(error),
          },
          context,
        );
        const demands = demand.subscribe((more) => {
          asked = more;
          // Inside `next` the loop that runs goes on by itself.
          if (!emitting) emit();
        });
        return () => {
          gone = true;
          demands.unsubscribe();
          clearTimeout(starvedTimer);
          for (const { received } of held.splice(0)) received.session.settle(received.header.id, { kind: 'released' });
          for (const { header, session: of } of video?.close() ?? []) of.settle(header.id, { kind: 'released' });
          const hangUp = connection.leave();
          whenAnswered(session, () => {
            detach();
            hangUp();
          });
        };
      }),
  };
}

/** What has been begun is answered before the connection ends, if that is soon. */
function whenAnswered(session: WeirSession | undefined, done: () => void): void {
  if (session === undefined || session.open === 0) return done();
  const close = () => {
    clearTimeout(timer);
    stopListening();
    done();
  };
  const timer = setTimeout(close, lingerMs);
  const stopListening = session.listen(() => {
    if (session.open === 0) close();
  });
}
