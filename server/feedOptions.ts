/** What a person wrote after `npm run feed --`, and the sentence when it cannot be meant. */
import { parseArgs } from 'node:util';
import { portFrom } from './port.ts';

export interface FeedOptions {
  readonly input: string;
  readonly port: number;
  /** Pictures per second; undefined is the input's own pace. */
  readonly ratePerS: number | undefined;
  /** The box that a video is fitted into; undefined is its own size. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Of the JPEG, 1 to 100. */
  readonly quality: number | undefined;
  /** undefined when neither --loop nor --once was given. */
  readonly loop: boolean | undefined;
  /** Pages that may connect besides those of this computer. */
  readonly origins: readonly string[];
}

export const usage = `npm run feed -- INPUT [options]

INPUT      a video, a picture, a folder of pictures, or an address (rtsp://..., https://.../live.m3u8)
--port N       the port, 8765 unless taken
--rate N       pictures per second; a video goes at its own pace without it, pictures at 30
--size WxH     the box a video is fitted into, 640x480 for example
--quality N    of the JPEG that a video is sent as, 1 to 100, 90 unless given
--once         end after the last picture; a file or folder is shown over and over (--loop) without it
--origin URL   let in a page that is served from elsewhere than this computer
HOST=0.0.0.0 in the environment lets other computers connect; without it only this one can.`;

/** @throws Error with a sentence for the person */
export function feedOptions(argv: readonly string[]): FeedOptions {
  const { values, positionals } = parsed(argv);
  const [input, more] = positionals;
  if (input === undefined || input === '') throw new Error(`Say what to feed.\n\n${usage}`);
  if (more !== undefined) throw new Error(`One input at a time: "${input}" and "${more}" were given.`);
  if (values.loop && values.once) throw new Error('--loop and --once exclude each other.');
  return {
    input,
    port: portFrom(values.port, 8765, '--port'),
    ratePerS: values.rate === undefined ? undefined : numberWithin('--rate', values.rate, 0.1, 240),
    size: values.size === undefined ? undefined : sizeFrom(values.size),
    quality: values.quality === undefined ? undefined : numberWithin('--quality', values.quality, 1, 100),
    loop: values.loop ? true : values.once ? false : undefined,
    origins: (values.origin ?? []).map(originFrom),
  };
}

function parsed(argv: readonly string[]) {
  const options = {
    port: { type: 'string' },
    rate: { type: 'string' },
    size: { type: 'string' },
    quality: { type: 'string' },
    loop: { type: 'boolean' },
    once: { type: 'boolean' },
    origin: { type: 'string', multiple: true },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new Error(`${why}. A name that begins with - is written ./-name.\n\n${usage}`, { cause: error });
  }
}

function numberWithin(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new Error(`${name} is "${text}": a number from ${min} to ${max} is needed.`);
  return value;
}

function sizeFrom(text: string): { width: number; height: number } {
  const [, width = 0, height = 0] = (/^(\d{1,5})[x×](\d{1,5})$/i.exec(text) ?? []).map(Number);
  const isFine = [width, height].every((side) => side >= 16 && side <= 16_384);
  if (!isFine) throw new Error(`--size is "${text}": width x height is needed, 640x480 for example, 16 to 16384 each.`);
  return { width, height };
}

function originFrom(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === 'null')
    throw new Error(`--origin is "${text}": the address of a page is needed, https://example.org.`);
  return origin;
}
