/**
 * One run of ffmpeg as a stream of JPEG pictures: it starts with the first one that is asked for and ends with the signal.
 * Reading slowly holds ffmpeg back; an input that falls silent is given up.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { FeedInput } from './feedInput.ts';
import { ffmpegArgs, isLive, type VideoOptions } from './ffmpegArgs.ts';
import { ffmpegReason } from './ffmpegReason.ts';
import { createJpegSplitter } from './jpegSplitter.ts';

/** An address that gave nothing for so long will not, and ffmpeg itself would wait for ever. */
const maxSilenceMs = 30_000;
/** ffmpeg says goodbye to a camera when it is asked to end; one that hangs is not asked again. */
const maxGoodbyeMs = 8000;

/** The first line of `ffmpeg -version`. @throws Error with a sentence when there is no ffmpeg */
export function ffmpegVersion(): string {
  const { stdout, error } = spawnSync('ffmpeg', ['-version'], { encoding: 'utf8', windowsHide: true });
  if (error === undefined) return stdout.split('\n')[0] ?? '';
  throw new Error(
    [
      'This input needs ffmpeg, which is not installed here:',
      '  Debian, Ubuntu   sudo apt install ffmpeg',
      '  macOS            brew install ffmpeg',
      '  Windows          winget install ffmpeg',
      'A folder of pictures (JPEG, PNG, WebP, AVIF) needs none.',
    ].join('\n'),
    { cause: error },
  );
}

/** Ends with ffmpeg; throws what ffmpeg said when it failed. */
export async function* ffmpegFrames(
  input: FeedInput,
  options: VideoOptions,
  version: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const child = spawn('ffmpeg', ffmpegArgs(input, options, version), {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // In a group of its own a Ctrl+C of the terminal reaches it through us only, and once.
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<{ code: number | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code) => resolve({ code }));
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  let isStopped = false;
  const stop = () => {
    // Asked twice, ffmpeg leaves without a goodbye and the camera keeps its session.
    if (isStopped) return;
    isStopped = true;
    child.kill();
    const timer = setTimeout(() => child.kill('SIGKILL'), maxGoodbyeMs);
    void ended.then(() => clearTimeout(timer));
  };
  let isSilent = false;
  const silence = setTimeout(() => {
    isSilent = true;
    stop();
  }, maxSilenceMs);
  // A file may be read as slowly as it pleases its reader.
  if (input.kind !== 'address') clearTimeout(silence);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const split = createJpegSplitter();
  let count = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (input.kind === 'address') silence.refresh();
      for (const frame of split(chunk)) {
        count += 1;
        yield frame;
      }
    }
    const { code, error } = await ended;
    if (signal.aborted) return;
    if (isSilent) throw new Error(`No picture came for ${maxSilenceMs / 1000} s.`);
    if (error !== undefined || code !== 0)
      throw new Error(ffmpegReason(said, input) ?? error?.message ?? `ffmpeg ended with code ${code}.`);
    if (count === 0) throw new Error('ffmpeg found no picture in it.');
    // A camera has no end: whoever watches should come again.
    if (isLive(input)) throw new Error('The stream ended.');
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    stop();
    await ended;
  }
}
