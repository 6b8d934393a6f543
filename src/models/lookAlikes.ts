/**
 * Files that people drop where a model belongs, told by their first bytes, each with a sentence of its own.
 * ORT says "protobuf parsing failed" to all of them.
 */
import { type ErrorCode, WeirError } from '../core/errors.ts';
import { imageFormatOf } from '../core/imageFormat.ts';

/**
 * The error that says what a file is, or undefined when it may be a model.
 * @param bytes its first 4096
 * @param size of all of it
 */
export function lookAlike(bytes: Uint8Array, size = bytes.length): WeirError | undefined {
  const found = recognise(bytes, size);
  return found === undefined ? undefined : new WeirError(found.code ?? 'not-a-model', found.message);
}

function recognise(bytes: Uint8Array, size: number): { code?: ErrorCode; message: string } | undefined {
  if (size === 0) return { message: 'The file is empty.' };
  const head = latin(bytes, 0, 1024);
  if (head.startsWith('version https://git-lfs.github.com/spec/')) {
    const told = /^size (\d{1,15})\s*$/m.exec(head)?.[1];
    const real = told === undefined ? '' : ` The model itself has ${spaced(Number(told))} bytes.`;
    return {
      code: 'lfs-pointer',
      message: `It is a Git LFS pointer of ${spaced(size)} bytes, not the model.${real}`,
    };
  }
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return { message: zipSentence(bytes) };
  if (head.startsWith('\x1f\x8b'))
    return { message: 'It is a gzip archive. Unpack it and open the .onnx file inside.' };
  if (head.startsWith('GGUF')) return { message: 'It is a GGUF model of llama.cpp, not ONNX.' };
  if (head.startsWith('TFL3', 4)) return { message: 'It is a TensorFlow Lite model, not ONNX.' };
  if (head.startsWith('\x89HDF\r\n')) return { message: 'It is an HDF5 file, such as Keras weights, not ONNX.' };
  if (head.startsWith('\x93NUMPY')) return { message: 'It is a NumPy array, not a model.' };
  if (head.startsWith('%PDF-')) return { message: 'It is a PDF document, not a model.' };
  if (isSafetensors(bytes)) return { message: 'It is a safetensors file: weights without a graph. Export it to ONNX.' };
  if (isPickle(bytes)) return { message: 'It is a Python pickle, such as a PyTorch checkpoint. Export it to ONNX.' };
  if (imageFormatOf(bytes.subarray(0, 256)) !== undefined) return { message: 'It is a picture, not a model.' };
  const other = otherMedia.find(({ starts, at = 0 }) => head.startsWith(starts, at));
  if (other !== undefined) return { message: other.message };
  return textSentence(head);
}

const taken = 'pictures are taken as JPEG, PNG, WebP or AVIF';
const otherMedia: readonly { readonly starts: string; readonly at?: number; readonly message: string }[] = [
  { starts: 'GIF8', message: `It is a GIF, not a model; ${taken}.` },
  { starts: 'BM', message: `It is a BMP picture, not a model; ${taken}.` },
  { starts: 'II*\x00', message: `It is a TIFF picture, not a model; ${taken}.` },
  { starts: 'MM\x00*', message: `It is a TIFF picture, not a model; ${taken}.` },
  { starts: 'ftyphei', at: 4, message: `It is a HEIC picture, not a model; ${taken}.` },
  {
    starts: 'AVI ',
    at: 8,
    message: 'It is an AVI video, not a model; no browser plays it, but npm run feed opens it.',
  },
  { starts: 'FLV\x01', message: 'It is an FLV video, not a model; no browser plays it, but npm run feed opens it.' },
];

function zipSentence(bytes: Uint8Array): string {
  // The name of a PyTorch archive's first entry ends in "/data.pkl"; others of its entries follow within the head.
  return latin(bytes, 0, 4096).includes('data.pkl')
    ? 'It is a PyTorch checkpoint (a ZIP archive with a pickle). Export it to ONNX.'
    : 'It is a ZIP archive. Unpack it and open the .onnx file inside.';
}

function textSentence(head: string): { message: string } | undefined {
  const start = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^(<!doctype html|<html|<head|<body|<!--)/i.test(start))
    return { message: 'It is a web page, not a model: copy the link of its download button.' };
  if (start.startsWith('<')) return { message: 'It is an XML file, not an ONNX model.' };
  if (/^[{[][\s"{[\]}\d-]/.test(start) && isPrintable(start))
    return { message: 'It is a JSON file, not a model. A model card is given together with its model.' };
  // Real protobuf begins with the byte 08 (the IR version), which no text does.
  return isPrintable(head) ? { message: 'It is a text file, not a model.' } : undefined;
}

/** u64 length of a JSON header, then the header itself. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= 100_000_000n && /^\{\s*("|\})/.test(latin(bytes, 8, 64));
}

/** PROTO opcode with a protocol from 2 to 5, ended by STOP. */
function isPickle(bytes: Uint8Array): boolean {
  const protocol = bytes[1] ?? 0;
  return bytes[0] === 0x80 && protocol >= 2 && protocol <= 5;
}

function isPrintable(text: string): boolean {
  return /^[\t\n\f\r\x20-\x7e\x80-\xff]+$/.test(text);
}

function latin(bytes: Uint8Array, from: number, length: number): string {
  let text = '';
  for (const byte of bytes.subarray(from, from + length)) text += String.fromCharCode(byte);
  return text;
}

/** 1234567 as "1 234 567" with narrow spaces. */
function spaced(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
