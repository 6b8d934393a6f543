/**
 * What ffmpeg said of its failure, for a person: one line, without hints for its own command line.
 * Addresses lose what only their owner may know, because the line goes to the terminal and to whoever watches.
 */
import { shownAddress } from '../src/core/address.ts';
import type { FeedInput } from './feedInput.ts';

/** Advice on options that the person never wrote. */
const hint = /^(To ignore this|If you wish to override|Did you mean)\b/;

/** Of all that it wrote to stderr; undefined when it said nothing. */
export function ffmpegReason(said: string, { kind, at }: FeedInput): string | undefined {
  if (/^Stream map '0:V:0' matches no streams/m.test(said)) return 'There is no picture in it.';
  const line = said
    .split(/[\r\n]+/)
    // Each may begin with the name of a part of ffmpeg and its address in memory.
    .map((each) => each.replace(/^(\[[^\]]*\]\s*)+/, '').trim())
    .findLast((each) => each !== '' && !hint.test(each));
  return (
    line
      // First, because an input may hold spaces.
      ?.replaceAll(kind === 'address' ? at : `file:${at}`, () => (kind === 'address' ? shownAddress(at) : at))
      .replace(
        /([a-z][a-z\d+.-]*:\/\/\S+?)(['":?!,.]*)(?=\s|$)/gi,
        (_, url: string, end: string) => shownAddress(url) + end,
      )
  );
}
