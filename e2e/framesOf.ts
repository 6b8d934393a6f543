/** How many frames a video file holds, counted by its packets: what a page must have served under `block`. */
import { readFileSync } from 'node:fs';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';

export async function framesOf(path: string): Promise<number> {
  const input = new Input({ source: new BufferSource(readFileSync(path)), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video');
  let count = 0;
  for await (const _ of new EncodedPacketSink(track).packets()) count += 1;
  return count;
}
