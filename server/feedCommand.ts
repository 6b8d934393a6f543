/**
 * `npm run feed -- INPUT`: turns a file, a folder or an RTSP/HLS address into a WebSocket that Weir can read.
 * A browser cannot speak RTSP, so a process beside the camera must; ffmpeg does the speaking.
 */
import { basename } from 'node:path';
import { shownAddress } from '../src/core/address.ts';
import { type FeedInput, feedInput } from './feedInput.ts';
import { type FeedOptions, feedOptions } from './feedOptions.ts';
import { ffmpegFrames, ffmpegVersion } from './ffmpeg.ts';
import { startFrameServer } from './frameServer.ts';
import { paced } from './paced.ts';
import { checkPictureSize, leftOut, pictureFiles, picturesIn } from './pictureFiles.ts';

const report = (line: string) => console.error(line);
/** Pictures have no pace of their own. */
const pictureRatePerS = 30;

try {
  const options = feedOptions(process.argv.slice(2));
  // npm runs from the folder of package.json; a path is meant from where the person is.
  const input = feedInput(options.input, process.env['INIT_CWD'] ?? process.cwd());
  const address = process.env['HOST'] ?? '127.0.0.1';
  const server = await startFrameServer({
    frames: await framesOf(input, options),
    canWait: input.kind !== 'address',
    origins: options.origins,
    port: options.port,
    attempts: 20,
    address,
    setting: '--port',
    onTaken: (port) => console.log(`Port ${port} is taken, trying ${port + 1}.`),
    report,
  });
  const what = input.kind === 'address' ? shownAddress(input.at) : basename(input.at);
  console.log(`${what} is fed: choose WebSocket in Weir and enter ws://${hostName(address)}:${server.port}`);
  const stop = () => void server.close().then(() => process.exit(0));
  // Not once: npm hands a Ctrl+C down again, and the second must not cut off the goodbye to a camera.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Whatever can be known to fail fails here, before anyone connects. */
async function framesOf(
  input: FeedInput,
  options: FeedOptions,
): Promise<(signal: AbortSignal) => AsyncIterable<Buffer>> {
  const { ratePerS, loop } = options;
  if (input.kind === 'picture' || input.kind === 'folder') {
    if (options.size !== undefined || options.quality !== undefined)
      throw new Error('Pictures are sent as they are: --size and --quality are for videos and addresses.');
    const isFolder = input.kind === 'folder';
    if (isFolder) {
      const found = await picturesIn(input.at);
      console.log(`${found.paths.length} ${found.paths.length === 1 ? 'picture' : 'pictures'}.${leftOut(found)}`);
    } else await checkPictureSize(input.at);
    const list = async () => (isFolder ? (await picturesIn(input.at)).paths : [input.at]);
    return (signal) => paced(pictureFiles(list, loop ?? true, report), ratePerS ?? pictureRatePerS, signal);
  }
  if (input.kind === 'address' && loop === true)
    throw new Error('--loop is for files and folders: an address is shown until it ends.');
  const version = ffmpegVersion();
  return (signal) => {
    const frames = ffmpegFrames(input, options, version, signal);
    // An address cannot be held back: there ffmpeg itself keeps the rate.
    return input.kind === 'video' && ratePerS !== undefined ? paced(frames, ratePerS, signal) : frames;
  };
}

function hostName(address: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::', ''].includes(address)) return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
