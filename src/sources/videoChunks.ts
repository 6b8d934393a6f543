/**
 * Encoded video, chunk by chunk, through the browser's decoder: the decoded picture is what is delivered.
 * A decoder must see every chunk, so one that falls behind, or misses one, goes on at the next key frame.
 */
import { messageOf, WeirError } from '../core/errors.ts';
import type { RawPayload } from '../core/payload.ts';
import { copyFrame } from './copyFrame.ts';

export interface Chunk {
  /** What follows `video/`, as WebCodecs names it: `vp8`, `avc1.42E01E`. */
  readonly codec: string;
  readonly isKey: boolean;
  /** Its place in the stream, by one, where the sender says it. */
  readonly seq: number | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ChunkHooks<C extends Chunk> {
  /** `recycle` takes the buffer back when it is of no use to anybody. */
  readonly onPicture: (chunk: C, picture: RawPayload, recycle: () => void) => void;
  /** Decoded, and shows nothing of its own. */
  readonly onHidden: (chunk: C) => void;
  /** Left out, because it cannot be decoded without one that is not there. */
  readonly onLost: (chunk: C, reason: string) => void;
  readonly onBroken: (chunk: C, error: WeirError) => void;
  /** So many never came. */
  readonly onGap: (count: number) => void;
  /** Fewer are inside than before. */
  readonly onRoom: () => void;
  /** False while the source loses nothing: then only credit holds the sender back. */
  readonly mayDrop: () => boolean;
}

export interface VideoChunks<C extends Chunk> {
  /** Chunks that came and are no picture yet. */
  readonly inside: number;
  push(chunk: C): void;
  /** No more is to come for now: what the decoder holds back is asked for. */
  flush(): void;
  /** Ends the decoder; those that were inside are nobody's then, and returned. */
  close(): C[];
}

/** Chunks that wait for the decoder before a lossy source goes on at the next key frame. */
const maxBehind = 16;
/** Given to the decoder at once; decoders that reorder hold several back. */
const maxGiven = 16;
/** Open VideoFrames: some decoders stop when theirs do not come back. */
const maxFrames = 3;
const maxGap = 10_000;
const behind = 'the decoder fell behind: it goes on at the next key frame';

export function createVideoChunks<C extends Chunk>(
  hooks: ChunkHooks<C>,
  Decoder: typeof VideoDecoder | undefined = (globalThis as { VideoDecoder?: typeof VideoDecoder }).VideoDecoder,
): VideoChunks<C> {
  const known = new Map<string, boolean>();
  const pool: ArrayBuffer[] = [];
  let queue: { readonly chunk: C; readonly followsGap: boolean }[] = [];
  /** In the decoder, by their timestamp. */
  const given = new Map<number, C>();
  let copies: Promise<void> = Promise.resolve();
  let copying = 0;
  let decoder: VideoDecoder | undefined;
  let codec: string | undefined;
  let needsKey = true;
  /** The queue was cut off at its end: what follows is of no use before a key frame. */
  let skips = false;
  let lastSeq: number | undefined;
  let next = 0;
  let asking = false;
  let wantsFlush = false;
  let flushing = false;
  let closed = false;

  const takeAll = (): C[] => {
    const all = [...given.values()];
    given.clear();
    return all;
  };

  const stop = (): void => {
    if (decoder !== undefined && decoder.state !== 'closed') decoder.close();
    decoder = undefined;
    codec = undefined;
    needsKey = true;
  };

  /** The decoder has ended itself: the chunk it broke on is the oldest that it had. */
  const broke = (thrown: unknown): void => {
    const [first, ...others] = takeAll();
    const last = codec;
    stop();
    if (first !== undefined) {
      const message = `The browser's decoder of ${last ?? 'video'} broke on a chunk. It goes on at the next key frame.`;
      hooks.onBroken(first, new WeirError('cannot-decode', message, { details: messageOf(thrown) }));
    }
    for (const other of others) hooks.onLost(other, 'the decoder broke on a chunk before it');
    pump();
  };

  const took = (frame: VideoFrame): void => {
    const chunk = given.get(frame.timestamp);
    if (chunk === undefined || closed) {
      frame.close();
      return;
    }
    given.delete(frame.timestamp);
    passOver(frame.timestamp);
    copying += 1;
    copies = copies.then(async () => {
      try {
        const picture = await copyFrame(frame, pool.pop());
        hooks.onPicture(chunk, picture, () => {
          if (picture.buffer.byteLength > 0 && pool.length < 4) pool.push(picture.buffer);
        });
      } catch (error) {
        hooks.onBroken(chunk, WeirError.wrap(error, 'cannot-decode', 'A decoded picture could not be copied.'));
      } finally {
        frame.close();
        copying -= 1;
        pump();
        if (!closed) hooks.onRoom();
      }
    });
  };

  /** Chunks without a picture of their own (VP8 has such) are told by a later picture that is out. */
  const passOver = (timestamp: number): void => {
    const reorders = !/^(vp0?[89]|av01)/.test(codec ?? '');
    for (const [at, chunk] of given) {
      if (at >= timestamp - (reorders ? maxGiven : 0)) return;
      given.delete(at);
      hooks.onHidden(chunk);
    }
  };

  const canDecode = (chunk: C): boolean | undefined => {
    const answer = known.get(chunk.codec);
    if (answer !== undefined || asking) return answer;
    asking = true;
    const told = (can: boolean): void => {
      asking = false;
      // Names come from the network.
      if (known.size > 100) known.clear();
      known.set(chunk.codec, can);
      if (!closed) pump();
    };
    if (Decoder === undefined) queueMicrotask(() => told(false));
    // A name that is none is refused by an exception.
    else
      Decoder.isConfigSupported(configOf(chunk.codec)).then(
        ({ supported }) => told(supported === true),
        () => told(false),
      );
    return undefined;
  };

  const give = (chunk: C, followsGap: boolean): void => {
    if (chunk.codec !== codec) {
      for (const other of takeAll()) hooks.onLost(other, 'the codec has changed');
      stop();
    }
    if (followsGap) needsKey = true;
    if (needsKey && !chunk.isKey) {
      hooks.onLost(chunk, 'it needs a chunk that did not come: the next key frame is waited for');
      return;
    }
    if (Decoder === undefined) return;
    const timestamp = next++;
    try {
      if (decoder === undefined) {
        const made: VideoDecoder = new Decoder({
          output: took,
          error: (error) => {
            if (decoder === made) broke(error);
          },
        });
        decoder = made;
        codec = chunk.codec;
        made.configure(configOf(chunk.codec));
      }
      given.set(timestamp, chunk);
      decoder.decode(new EncodedVideoChunk({ type: chunk.isKey ? 'key' : 'delta', timestamp, data: chunk.bytes }));
      needsKey = false;
    } catch (error) {
      broke(error);
    }
  };

  const pump = (): void => {
    while (!closed && !flushing && given.size < maxGiven && copying < maxFrames) {
      const [first] = queue;
      if (first === undefined) break;
      const { chunk, followsGap } = first;
      const can = canDecode(chunk);
      if (can === undefined) return;
      queue = queue.slice(1);
      if (can) give(chunk, followsGap);
      else hooks.onBroken(chunk, cannot(chunk.codec));
    }
    if (wantsFlush && !flushing && !closed && queue.length === 0) void drain();
  };

  const drain = async (): Promise<void> => {
    wantsFlush = false;
    const of = decoder;
    if (of === undefined || of.state !== 'configured') return;
    flushing = true;
    try {
      await of.flush();
    } catch (error) {
      if (decoder === of && !closed) broke(error);
    } finally {
      flushing = false;
    }
    if (closed) return;
    // A flushed decoder begins at a key frame.
    needsKey = true;
    for (const chunk of takeAll()) hooks.onHidden(chunk);
    pump();
    hooks.onRoom();
  };

  /** True when there is a gap before it, which is counted here, before anything of ours is left out. */
  const followsGap = ({ seq }: C): boolean => {
    const gap = seq === undefined || lastSeq === undefined ? 0 : seq - lastSeq - 1;
    lastSeq = seq;
    // Backwards or far away is another numbering, not a loss.
    if (gap > 0 && gap <= maxGap) hooks.onGap(gap);
    return gap !== 0;
  };

  /** From the newest key frame on; where that stands first, or is gone, what came last is given up until there is one. */
  const catchUp = (): void => {
    const key = queue.findLastIndex(({ chunk }) => chunk.isKey);
    const lost = key > 0 ? queue.slice(0, key) : key === 0 ? queue.slice(maxBehind) : queue;
    queue = key > 0 ? queue.slice(key) : key === 0 ? queue.slice(0, maxBehind) : [];
    if (key > 0) needsKey = true;
    else skips = true;
    for (const { chunk } of lost) hooks.onLost(chunk, behind);
  };

  return {
    get inside() {
      return queue.length + given.size + copying;
    },
    push(chunk) {
      const entry = { chunk, followsGap: followsGap(chunk) };
      if (chunk.isKey) skips = false;
      if (skips) return hooks.onLost(chunk, behind);
      queue.push(entry);
      if (queue.length > maxBehind && hooks.mayDrop()) catchUp();
      pump();
    },
    flush() {
      wantsFlush = true;
      pump();
    },
    close() {
      closed = true;
      const left = [...takeAll(), ...queue.map(({ chunk }) => chunk)];
      queue = [];
      stop();
      return left;
    },
  };
}

function configOf(codec: string): VideoDecoderConfig {
  return { codec, optimizeForLatency: true };
}

function cannot(codec: string): WeirError {
  const shown = codec.slice(0, 40);
  return new WeirError(
    'cannot-decode',
    `This browser cannot decode video/${shown}. Send VP8, VP9 or H.264 (video/vp8, video/vp09.00.10.08, video/avc1.42E01E), or pictures.`,
  );
}
