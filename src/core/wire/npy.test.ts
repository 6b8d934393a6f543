/** Arrays as NumPy writes them; the headers are what numpy 2 produced. */
import { describe, expect, it } from 'vitest';
import { npy } from './npy.fixture.ts';
import { isNpy, parseNpy } from './npy.ts';

describe('npy', () => {
  it('reads types, shapes and numbers, aligned or not', () => {
    const floats = new Float32Array([1, 2, 3, 4, 5, 6]);
    for (const pad of [0, 1]) {
      const read = parseNpy(npy('<f4', '(2, 3)', floats, undefined, pad));
      expect(read).toMatchObject({ type: 'float32', dims: [2, 3] });
      expect([...(read.data as Float32Array)]).toEqual([...floats]);
    }
    expect(parseNpy(npy('|u1', '(3,)', new Uint8Array([7, 8, 9])))).toMatchObject({ type: 'uint8', dims: [3] });
    expect(parseNpy(npy('<i8', '()', new BigInt64Array([5n])))).toMatchObject({ type: 'int64', dims: [] });
    expect(parseNpy(npy('<f2', '(1,)', new Uint16Array([0x3c00]))).type).toBe('float16');
  });

  it.each([
    [npy('<f4', '(2, 3)', new Float32Array(2)), '2 × 3 of float32 and holds 8 bytes'],
    [npy('>f4', '(1,)', new Float32Array(1)), 'big-endian'],
    [npy('<f4', '(1,)', new Float32Array(1), "'fortran_order': True"), 'Fortran order'],
    [npy('<c8', '(1,)', new Float32Array(2)), 'its type is c8'],
    [npy('<f4', '(99999999, 99999999)', new Float32Array(1)), 'holds 4 bytes'],
    [new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]), 'cut off'],
    [new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 255, 255, 1, 1]), 'longer than the message'],
  ])('says why not', (bytes, reason) => {
    expect(() => parseNpy(bytes)).toThrow(reason);
  });

  it('is told by its first bytes', () => {
    expect(isNpy(npy('<f4', '(1,)', new Float32Array(1)))).toBe(true);
    expect(isNpy(new Uint8Array(20))).toBe(false);
  });
});
