/** Zero data of any tensor type: the first run and inputs that no frame fills. float16 zeros are bits. */
import { WeirError } from '../core/errors.ts';
import type { TensorData, TensorType } from '../core/tensor.ts';

export function zeros(type: TensorType, size: number): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'float16':
    case 'uint16':
      return new Uint16Array(size);
    case 'uint8':
    case 'bool':
      return new Uint8Array(size);
    case 'int8':
      return new Int8Array(size);
    case 'int16':
      return new Int16Array(size);
    case 'uint32':
      return new Uint32Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'uint64':
      return new BigUint64Array(size);
    case 'int64':
      return new BigInt64Array(size);
    case 'uint4':
    case 'int4':
    case 'string':
    case 'unknown':
      throw new WeirError('cannot-feed', `An input of type ${type} cannot be filled.`);
  }
}
