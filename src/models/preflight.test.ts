/** Models, look-alikes and damaged files: each gets facts or its own sentence, never another error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeirError } from '../core/errors.ts';
import { buildSobel } from './buildGraph.ts';
import { type Graph, writeOnnx } from './onnxWriter.ts';
import { maxOpset, preflight } from './preflight.ts';

const plain: Graph = {
  name: 'plain',
  inputs: [{ name: 'x', shape: ['batch', -1, 224] }],
  outputs: [{ name: 'y', shape: [] }],
  nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
};

function refusal(bytes: Uint8Array, name?: string): WeirError {
  try {
    preflight(bytes, name);
  } catch (error) {
    if (error instanceof WeirError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('preflight', () => {
  it('reads what a file declares', () => {
    expect(preflight(buildSobel(240, 320))).toEqual({
      format: 'onnx',
      bytes: buildSobel(240, 320).length,
      irVersion: 8,
      producer: 'weir',
      opsets: { 'ai.onnx': 17 },
      operators: { Conv: 2, Pad: 1, Mul: 1, ReduceSum: 1, Sqrt: 1, Clip: 1, Concat: 1 },
      inputs: [{ name: 'input', type: 'float32', shape: [1, 3, 240, 320] }],
      outputs: [{ name: 'edges', type: 'float32', shape: [1, 3, 240, 320] }],
      nodes: 8,
      parameters: 3 + 8 + 18 + 1 + 1 + 1,
      weights: { float32: 3 + 18 + 1 + 1, int64: 8 + 1 },
      mflops: expect.closeTo((240 * 320 * (2 * 3 + 2 * 2 * 9 + 2 + 1 + 1 + 1)) / 1e6, 6),
      externalFiles: [],
      metadata: {},
    });
  });

  it('names free dimensions, and -1 is "?"', () => {
    expect(preflight(writeOnnx(plain)).inputs[0]?.shape).toEqual(['batch', '?', 224]);
  });

  it('leaves initialisers out of the inputs', () => {
    const facts = preflight(
      writeOnnx({
        ...plain,
        inputs: [...plain.inputs, { name: 'w', shape: [2] }],
        initialisers: [{ name: 'w', dims: [2], data: new Float32Array(2) }],
      }),
    );
    expect(facts.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(facts.parameters).toBe(2);
  });

  it('keeps metadata, even under the name of a prototype', () => {
    const metadata = JSON.parse('{"task":"detect","__proto__":"x"}') as Record<string, string>;
    const facts = preflight(writeOnnx({ ...plain, metadata }));
    expect(Object.entries(facts.metadata)).toEqual([
      ['task', 'detect'],
      ['__proto__', 'x'],
    ]);
  });

  it('adds up what it reads of each data file, and refuses a place that is no number', () => {
    const external = (name: string, place: Readonly<Record<string, string>>) => ({
      name,
      dims: [2, 3],
      data: { external: { location: 'w.bin', ...place } },
    });
    const facts = (...places: Readonly<Record<string, string>>[]) =>
      preflight(writeOnnx({ ...plain, initialisers: places.map((place, i) => external(`w${i}`, place)) }))
        .externalFiles;
    expect(facts({})).toEqual([{ path: 'w.bin', bytes: 24 }]);
    expect(facts({ offset: '100', length: '24' }, { offset: '64' })).toEqual([{ path: 'w.bin', bytes: 124 }]);
    for (const offset of ['-8', 'abc', '18446744073709551615', '']) {
      const error = refusal(writeOnnx({ ...plain, initialisers: [external('w', { offset })] }));
      expect([error.code, error.message]).toEqual([
        'not-a-model',
        expect.stringContaining(`gives “${offset}” as a place`),
      ]);
    }
  });

  it('refuses an opset that the runtime does not have', () => {
    expect(preflight(writeOnnx({ ...plain, opset: maxOpset })).opsets['ai.onnx']).toBe(maxOpset);
    const error = refusal(writeOnnx({ ...plain, opset: maxOpset + 1 }));
    expect([error.code, error.message]).toEqual(['unsupported-opset', expect.stringContaining('needs ONNX opset 27')]);
  });

  it('refuses operators of a domain that only native programs have, not those of com.microsoft', () => {
    const node = { op: 'DecodeImage', inputs: ['x'], outputs: ['y'] };
    const error = refusal(writeOnnx({ ...plain, nodes: [{ ...node, domain: 'ai.onnx.contrib' }] }));
    expect(error.code).toBe('unsupported-operator');
    expect(error.message).toContain('ai.onnx.contrib (DecodeImage)');
    const facts = preflight(writeOnnx({ ...plain, nodes: [{ ...node, op: 'FusedConv', domain: 'com.microsoft' }] }));
    expect(facts.operators).toEqual({ 'com.microsoft.FusedConv': 1 });
  });

  it('takes the ORT format by its identifier', () => {
    const facts = preflight(ascii('\x20\x00\x00\x00ORTM\x00\x00\x00\x00'));
    expect([facts.format, facts.inputs]).toEqual(['ort', []]);
  });

  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:8f23\nsize 232589\n';
  it.each([
    ['', 'not-a-model', 'The file is empty.'],
    [
      pointer,
      'lfs-pointer',
      `pointer of ${pointer.length} bytes, not the model. The model itself has 232\u202f589 bytes`,
    ],
    ['<!DOCTYPE html><html>', 'not-a-model', 'It is a web page, not a model'],
    ['\xef\xbb\xbf\n<html lang="en">', 'not-a-model', 'web page'],
    ['<?xml version="1.0"?><net/>', 'not-a-model', 'XML'],
    ['PK\x03\x04rest', 'not-a-model', 'ZIP archive'],
    ['PK\x03\x04\x00\x00archive/data.pkl\x80\x02', 'not-a-model', 'PyTorch'],
    ['\x80\x02}q\x00.', 'not-a-model', 'Python pickle'],
    ['\x10\x00\x00\x00\x00\x00\x00\x00{"weight":{}}  ', 'not-a-model', 'safetensors'],
    ['\x1c\x00\x00\x00TFL3\x00\x00', 'not-a-model', 'TensorFlow Lite'],
    ['GGUF\x03\x00\x00\x00', 'not-a-model', 'GGUF'],
    ['\x89HDF\r\n\x1a\n', 'not-a-model', 'HDF5'],
    ['\x1f\x8b\x08\x00', 'not-a-model', 'gzip'],
    ['\xff\xd8\xff\xe0\x00\x10JFIF', 'not-a-model', 'picture'],
    ['GIF89a\x01\x00', 'not-a-model', 'GIF'],
    ['II*\x00\x08', 'not-a-model', 'TIFF'],
    ['RIFF\x10\x00\x00\x00AVI LIST', 'not-a-model', 'npm run feed'],
    ['{"name": "card"}', 'not-a-model', 'JSON'],
    ['this is not a valid onnx model', 'not-a-model', 'text file'],
    ['\x08\x01\x12\x04abcd', 'not-a-model', 'no ONNX graph'],
    ['\x00\x01\x02\x03\xff', 'not-a-model', 'damaged'],
  ])('says what %j is', (text, code, sentence) => {
    const error = refusal(ascii(text));
    expect(error.code).toBe(code);
    expect(error.message).toContain(sentence);
  });

  it('says of a file that was cut off how much is missing', () => {
    const whole = buildSobel(8, 8);
    const error = refusal(whole.subarray(0, 300));
    expect(error.message).toMatch(/^The file is cut off: at least \d+ bytes are missing\.$/);
  });

  it('refuses every cut of a model, and every damage is facts or a WeirError', () => {
    const whole = buildSobel(8, 8);
    for (let length = 0; length < whole.length; length++) refusal(whole.subarray(0, length));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const damaged = whole.slice();
          for (const [at, value] of changes) damaged[at] = value;
          try {
            preflight(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(WeirError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not run away on subgraphs nested without end', () => {
    // node { attribute { g { node { ... } } } }, each level wrapping the last.
    let graph = new Uint8Array(0);
    const wrap = (field: number, body: Uint8Array) =>
      Uint8Array.from([(field << 3) | 2, ...varint(body.length), ...body]);
    for (let i = 0; i < 200; i++) graph = wrap(1, wrap(5, wrap(6, graph)));
    const opset = wrap(8, Uint8Array.from([0x10, 17]));
    const error = refusal(Uint8Array.from([0x08, 8, ...wrap(7, graph), ...opset]));
    expect(error.details).toContain('nested too deeply');
  });
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
