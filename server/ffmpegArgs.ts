/**
 * The command line of ffmpeg for an input: JPEG pictures, one after the other, to its standard output.
 * A list of arguments, never a line for a shell; the input is one of them and cannot become an option.
 */
import type { FeedInput } from './feedInput.ts';
import type { FeedOptions } from './feedOptions.ts';

export type VideoOptions = Pick<FeedOptions, 'ratePerS' | 'size' | 'quality' | 'loop'>;

/**
 * True when the input sets its own pace, so holding it back would only make it late. Playlists and files over HTTP are
 * not: they come as fast as they load, a segment at once.
 */
export function isLive({ kind, at }: FeedInput): boolean {
  if (kind !== 'address') return false;
  const path = URL.canParse(at) ? new URL(at).pathname : at;
  return !(/^https?:/i.test(at) && /\.(m3u8|mpd|mp4|m4v|mov|webm|mkv|avi|ts)$/i.test(path));
}

/** `version`: the first line of `ffmpeg -version`. */
export function ffmpegArgs(input: FeedInput, options: VideoOptions, version: string): string[] {
  const { ratePerS, size, quality = 90, loop = true } = options;
  const live = isLive(input);
  const isFile = input.kind !== 'address';
  const filters = [
    // JPEG knows one matrix and one range; most video has others, and its colours would be off.
    `scale=${size === undefined ? '' : `${size.width}:${size.height}:force_original_aspect_ratio=decrease:force_divisible_by=2:`}out_color_matrix=bt601:out_range=pc`,
    ...(ratePerS !== undefined && !isFile ? [`fps=${ratePerS}`] : []),
  ];
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...(/^rtsps?:/i.test(input.at) ? ['-rtsp_transport', 'tcp'] : []),
    ...(live ? ['-fflags', 'nobuffer'] : []),
    // A file at a rate of our own is held back by its reader: every frame counts then, not the time.
    ...(live || (isFile && ratePerS !== undefined) ? [] : ['-re']),
    ...(isFile && loop ? ['-stream_loop', '-1'] : []),
    ...['-i', isFile ? `file:${input.at}` : input.at],
    ...['-map', '0:V:0', '-vf', filters.join(',')],
    // Each picture once: the default repeats and drops until the rate is even.
    ...[knowsFpsMode(version) ? '-fps_mode' : '-vsync', 'passthrough'],
    ...['-c:v', 'mjpeg', '-q:v', String(Math.round(31 - (29 * (quality - 1)) / 99))],
    ...['-f', 'image2pipe', 'pipe:1'],
  ];
}

/** `-fps_mode` came with 5.1, and newer ones want it; builds that are named otherwise are taken for new. */
function knowsFpsMode(version: string): boolean {
  const [, major, minor] = (/^ffmpeg version n?(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major === undefined || minor === undefined || major > 5 || (major === 5 && minor >= 1);
}
