/**
 * Files and folders over `weir.v1`: one reader at a time, who gives credit and answers for each frame.
 * The stream stands still while nobody reads, and goes on with what was not answered for whoever comes next.
 */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { imageFormatOf } from '../src/core/imageFormat.ts';
import { createWeirSender, type WeirSender } from './weirSender.ts';

export interface WeirFrames {
  serve(client: WebSocket): void;
  /** Resolves when the frames have stopped too. */
  close(): Promise<void>;
}

interface Stream {
  readonly sender: WeirSender;
  /** All was answered, or it broke: whoever comes next begins anew. */
  readonly isOver: boolean;
  stop(): Promise<void>;
}

/** Frames are of any size, and each that is unanswered is held. */
const window = 16;

export function createWeirFrames(
  frames: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  report: (line: string) => void,
): WeirFrames {
  const clients = new Set<WebSocket>();
  let stream: Stream | undefined;

  const open = (): Stream => {
    const abort = new AbortController();
    const source = frames(abort.signal)[Symbol.asyncIterator]();
    let ready: Uint8Array | undefined;
    let ended = false;
    let broke = false;
    let isReading = false;
    let id = 0;
    const read = async () => {
      if (isReading || ended || ready !== undefined) return;
      isReading = true;
      try {
        const { done, value } = await source.next();
        if (done === true) ended = true;
        else ready = value;
      } catch (error) {
        if (abort.signal.aborted) return;
        broke = true;
        report(error instanceof Error ? error.message : String(error));
        for (const client of clients) client.close(1011, 'the frames broke off');
        return;
      } finally {
        isReading = false;
      }
      sender.wake();
    };
    const sender = createWeirSender({
      session: randomUUID(),
      window,
      next: () => {
        if (ready === undefined) {
          if (ended) return 'end';
          void read();
          return 'later';
        }
        const payload = ready;
        ready = undefined;
        // One ahead, while this one is on its way.
        void read();
        const format = imageFormatOf(payload);
        return { id: id++, type: format === undefined ? 'application/x-npy' : `image/${format}`, payload };
      },
    });
    return {
      sender,
      get isOver() {
        return broke || (ended && ready === undefined && sender.unanswered === 0);
      },
      async stop() {
        abort.abort();
        try {
          await source.return?.();
        } catch (error) {
          report(error instanceof Error ? error.message : String(error));
        }
      },
    };
  };

  return {
    serve(client) {
      if (stream === undefined || stream.isOver) {
        void stream?.stop();
        stream = open();
      }
      clients.add(client);
      client.on('error', () => client.terminate());
      client.on('close', () => clients.delete(client));
      stream.sender.serve(client);
    },
    async close() {
      for (const client of clients) client.terminate();
      await stream?.stop();
    },
  };
}
