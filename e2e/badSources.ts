/**
 * Every bad frame, source and address that Weir promises to survive: its code, and the sentence that a person reads on the
 * page, next step included. `badSources.spec.ts` walks it.
 */
import * as frames from './badFrames.ts';
import type { BadInput } from './badInput.ts';

const sendImages = 'Send JPEG, PNG, WebP or AVIF images, or .npy arrays.';

/** Frames: each is sent over a WebSocket and read from a file. */
export const badFrames: readonly (BadInput & { readonly bytes: () => Uint8Array })[] = [
  ...frames.hugeHeaders.map(({ format, bytes }) => ({
    name: `a ${format} header of 65535 x 65535`,
    bytes,
    code: 'too-large' as const,
    says: 'The image is 65535 × 65535 pixels; the limits are 16384 on a side and 67 million in all. Use a smaller version of it.',
  })),
  ...frames.foreignHeaders.map(({ format, bytes }) => ({
    name: `a ${format} header of 65535 x 65535`,
    bytes,
    code: 'cannot-decode' as const,
    says: `The bytes are no image of a known format (JPEG, PNG, WebP, AVIF) and no .npy array. ${sendImages}`,
  })),
  {
    name: 'a PNG that is cut off',
    bytes: frames.cutPng,
    code: 'cannot-decode',
    says: `The PNG image could not be decoded. ${sendImages}`,
  },
];

/** Sources and addresses; their tests are named after them. */
export const badSources = {
  gone: {
    name: 'a camera that is pulled out',
    code: 'device-gone',
    // Its end and the end of its frames come by different ways, and either may be first.
    says: /^The camera (was unplugged or switched off|stopped sending pictures)\. Connect it again or choose another one, then choose Try again\./,
  },
  denied: {
    name: 'a camera that is not allowed',
    code: 'permission-denied',
    says: 'The browser did not allow the camera. Allow it beside the address of this page, then choose Try again.',
  },
  undecodable: {
    name: 'a video that the browser cannot decode',
    code: 'cannot-decode',
    says: /^(This browser cannot decode .*\. Convert it to H\.264 or VP9|The file is no video that can be read, or it is damaged\.)/,
  },
  noVideo: {
    name: 'a text file named .mp4',
    code: 'cannot-decode',
    says: /^The file is no video that can be read, or it is damaged\./,
  },
  hugeMessage: {
    name: 'a message of 2 GB',
    code: 'connection-lost',
    says: /^Reconnecting in \d+ s\. The connection to 127\.0\.0\.1:\d+ broke before a whole message had come: its sender stopped, or a message has 2 GB or more, which no browser takes\.$/,
  },
  refused: {
    name: 'an address where nothing answers',
    code: 'connection-refused',
    says: /^Reconnecting in \d+ s\. No WebSocket answers at 127\.0\.0\.1:9\.$/,
  },
  deadLink: {
    name: 'a link to a model that is not there',
    code: 'connection-refused',
    says: /^localhost:\d+ has no file under that link \(404\)\. Check the address, and that its server is running\.$/,
  },
} as const satisfies Readonly<Record<string, BadInput>>;
