/** ORT's own words, as met in onnxruntime-web 1.30, must end in the right code. */
import { describe, expect, it } from 'vitest';
import { WeirError } from '../core/errors.ts';
import { classifyError, poisons } from './classifyError.ts';
import { dimensionOf, inputDims } from '../core/inputDims.ts';
import { widen } from './numbers.ts';
import { readOutput } from './readOutput.ts';

describe('classifyError', () => {
  it.each([
    [
      "Can't create a session. ERROR_CODE: 7, ERROR_MESSAGE: Failed to load model because protobuf parsing failed.",
      'not-a-model',
    ],
    ["Can't create a session. ERROR_CODE: 2, ERROR_MESSAGE: No graph was found in the protobuf.", 'not-a-model'],
    [
      "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for Foo with domain_version of 7",
      'unsupported-operator',
    ],
    [
      'ERROR_CODE: 1, ERROR_MESSAGE: Fatal error: com.microsoft.extensions:DecodeImage(-1) is not a registered function/op',
      'unsupported-operator',
    ],
    [
      'ERROR_CODE: 9, ERROR_MESSAGE: Could not find an implementation for AveragePool(1) node with name',
      'unsupported-opset',
    ],
    [
      'ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions. Opset 314159 is under development',
      'unsupported-opset',
    ],
    [
      'shader_helper.cc:416 GenerateSourceCode Program Transpose requires f16 but the device does not support it.',
      'no-webgpu',
    ],
    [
      'Failed to load external data file "x.data", error: Module.MountedFiles is not available.',
      'missing-external-data',
    ],
    ['std::bad_alloc', 'out-of-memory'],
    [31_337_424, 'out-of-memory'],
    ['safeint.h:17 static void SafeIntExceptionHandler<>::SafeIntOnOverflow()', 'out-of-memory'],
    ['Maximum call stack size exceeded', 'not-a-model'],
    ['something entirely new', 'not-a-model'],
  ])('%s', (raw, code) => {
    expect(classifyError(raw, 'load').code).toBe(code);
  });

  it.each([
    ['failed to call OrtRun(). ERROR_CODE: 2, ERROR_MESSAGE: Got invalid dimensions for input: x', 'cannot-feed'],
    ['Device is lost', 'device-lost'],
    ['memory access out of bounds', 'out-of-memory'],
    ['Tile output tensor would require more bytes, which exceeds the supported maximum of 4294967295', 'out-of-memory'],
    ['Aborted(). Build with -sASSERTIONS for more info.', 'model-hangs'],
    ['Non-zero status code returned while running Foo node.', 'bad-output'],
  ])('while running: %s', (raw, code) => {
    expect(classifyError(raw, 'run').code).toBe(code);
  });

  it('names the missing operator and keeps the raw words', () => {
    const error = classifyError('No Op registered for Foo with domain_version of 7', 'load');
    expect(error.message).toContain('Foo');
    expect(error.details).toContain('domain_version');
  });

  it('gives the reason of a graph that is not valid, without where ORT threw it', () => {
    const raw = `Can't create a session. ERROR_CODE: 1, ERROR_MESSAGE: Node (conv) has input size 1 not in range [min=2, max=3].`;
    expect(classifyError(raw, 'load').message).toBe(
      'The graph of the model is not valid: Node (conv) has input size 1 not in range [min=2, max=3].',
    );
    expect(classifyError('', 'load').message).toBe('The graph of the model is not valid.');
  });

  it('an operator that the runtime has outgrown is a matter of the operator set', () => {
    expect(classifyError('Could not find an implementation for Relu(1) node', 'load').message).toContain(
      'Relu of operator set 1',
    );
    expect(classifyError('Could not find an implementation for Conv(11) node', 'load').code).toBe(
      'unsupported-operator',
    );
  });

  it('leaves our own errors alone', () => {
    const own = new WeirError('too-large', 'x');
    expect(classifyError(own, 'run')).toBe(own);
  });

  it('knows what a worker does not survive', () => {
    expect(poisons(new Error('Aborted(Assertion failed)'), 'bad-output')).toBe(true);
    expect(poisons(new Error('memory access out of bounds'), 'bad-output')).toBe(true);
    expect(poisons(new Error('Got invalid dimensions'), 'cannot-feed')).toBe(false);
  });
});

describe('shapes and outputs', () => {
  const prepare = {
    input: 'x',
    width: 5,
    height: 4,
    fit: 'stretch',
    color: 'gray',
    layout: 'nchw',
    type: 'float32',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    pad: 0,
  } as const;

  it('fits a picture to the declared rank', () => {
    const of = (shape: number[], layout: 'nchw' | 'nhwc' = 'nchw') =>
      inputDims({ ...prepare, layout }, { name: 'x', type: 'float32', shape });
    expect(of([1, 1, 4, 5])).toEqual([1, 1, 4, 5]);
    expect(of([1, 4, 5])).toEqual([1, 4, 5]);
    expect(of([4, 5])).toEqual([4, 5]);
    expect(of([4, 5], 'nhwc')).toEqual([4, 5]);
    expect(() => of([5])).toThrow(/does not fit/);
  });

  it('shows free dimensions by name or as ?', () => {
    expect([
      dimensionOf(4_294_967_295),
      dimensionOf(-1),
      dimensionOf(''),
      dimensionOf('batch'),
      dimensionOf(3),
    ]).toEqual(['?', '?', '?', 'batch', 3]);
  });

  it('widens every kind of half', () => {
    const halves = new Uint16Array([0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x7c00, 0xfc00]);
    expect([...widen(halves)]).toEqual([0, -0, 1, -2, 65_504, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity]);
    expect(widen(new Uint16Array([0x7e00]))[0]).toBeNaN();
  });

  it('copies outputs and refuses text', () => {
    const heap = new Float32Array([1, 2, 3, 4]);
    const value = readOutput('y', { type: 'float32', dims: [2], data: heap.subarray(1, 3) });
    expect([...value.data]).toEqual([2, 3]);
    expect(value.data.buffer.byteLength).toBe(8);
    expect(() => readOutput('y', { type: 'string', dims: [1], data: ['a'] })).toThrow(/string/);
  });
});
