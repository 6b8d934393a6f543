/** Answers each message with a buffer of its own, transferred, as the engine answers with an output. */
import '../../src/trustedTypes.ts';

self.onmessage = ({ data: { id, bytes } }: MessageEvent<{ id: number; bytes: number }>) => {
  const data = new Float32Array(bytes / 4);
  postMessage(
    { kind: 'ran', id, replies: [{ ok: true, outputs: [{ name: 'output', data }] }] },
    { transfer: [data.buffer] },
  );
};
