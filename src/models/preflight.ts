/**
 * Says what a model file is before ORT sees a byte of it, or why it is not one that can be opened.
 * Pure and without ORT, so it answers in milliseconds and in words that a person can act on.
 */
import type { ModelFacts } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import { checkExternalPath } from './externalData.ts';
import { lookAlike } from './lookAlikes.ts';
import { CutOffError, ExternalPlaceError, type OnnxStructure, readOnnx } from './onnxReader.ts';

/** Newest ai.onnx opset that onnxruntime-web 1.30.0 opens (tried one by one; 27: "is under development"). */
export const maxOpset = 26;

/** Operator domains that onnxruntime-web registers; others exist only where a native program adds them. */
const knownDomains = new Set([
  '',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.experimental',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);

/**
 * @param fileName only for words, never for a decision
 * @throws WeirError not-a-model, lfs-pointer, unsupported-opset, unsupported-operator or bad-external-path
 */
export function preflight(bytes: Uint8Array, fileName?: string): ModelFacts {
  const error = lookAlike(bytes);
  if (error !== undefined) throw error;
  if (isOrtFormat(bytes)) return ortFacts(bytes);
  const found = parse(bytes, fileName);
  checkOpset(found);
  checkDomains(found);
  return {
    format: 'onnx',
    bytes: bytes.length,
    ...(found.irVersion === undefined ? {} : { irVersion: found.irVersion }),
    ...(found.producer === undefined ? {} : { producer: found.producer }),
    opsets: Object.fromEntries(found.opsets),
    operators: Object.fromEntries([...found.operators].sort(([, a], [, b]) => b - a)),
    // Files up to IR 3 list their weights among the inputs.
    inputs: found.inputs.filter(({ name }) => !found.initialisers.has(name)),
    outputs: found.outputs,
    nodes: found.nodes,
    parameters: found.parameters,
    externalFiles: [...found.externalFiles].map(([path, bytes]) => ({ path: checkExternalPath(path), bytes })),
    metadata: Object.fromEntries(found.metadata),
  };
}

function parse(bytes: Uint8Array, fileName: string | undefined): OnnxStructure {
  let found: OnnxStructure;
  try {
    found = readOnnx(bytes);
  } catch (thrown) {
    // Only a file that began as ONNX does can be said to be cut off; in others the length is as random as the rest.
    if (thrown instanceof CutOffError && thrown.holderBytes === bytes.length && beginsLikeOnnx(bytes)) {
      throw new WeirError('not-a-model', `The file is cut off: at least ${thrown.missingBytes} bytes are missing.`, {
        cause: thrown,
      });
    }
    if (thrown instanceof ExternalPlaceError) {
      throw new WeirError(
        'not-a-model',
        `The file is damaged: it gives “${thrown.given.slice(0, 40)}” as a place in its data file.`,
        { cause: thrown },
      );
    }
    throw new WeirError('not-a-model', 'The file is damaged, or it is not an ONNX model.', { cause: thrown });
  }
  if (!found.hasGraph) {
    const kind = fileName !== undefined && /\.pb$/i.test(fileName) ? ' It may be a TensorFlow model.' : '';
    throw new WeirError('not-a-model', `The file holds no ONNX graph.${kind}`);
  }
  if (found.opsets.size === 0)
    throw new WeirError('not-a-model', 'The model names no opset: the end of the file is missing, or it is damaged.');
  return found;
}

/** ir_version is the first field that every exporter writes. */
function beginsLikeOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && (bytes[1] ?? 0) > 0 && (bytes[1] ?? 0) < 0x40;
}

function checkOpset(found: OnnxStructure): void {
  const opset = found.opsets.get('ai.onnx');
  if (opset === undefined || opset <= maxOpset) return;
  throw new WeirError(
    'unsupported-opset',
    `The model needs ONNX opset ${opset}; this page runs opsets up to ${maxOpset}.`,
  );
}

function checkDomains(found: OnnxStructure): void {
  const unknown = [...found.domains].filter((d) => !knownDomains.has(d) && !found.functionDomains.has(d));
  const domain = unknown[0];
  if (domain === undefined) return;
  const names = [...found.operators.keys()]
    .filter((name) => name.startsWith(`${domain}.`))
    .map((name) => name.slice(domain.length + 1, domain.length + 61));
  throw new WeirError(
    'unsupported-operator',
    `The model uses operators of ${domain.slice(0, 60)} (${names.slice(0, 4).join(', ')}), which do not exist in the browser.`,
  );
}

/** A flatbuffer with the file identifier "ORTM". */
function isOrtFormat(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[4] === 0x4f && bytes[5] === 0x52 && bytes[6] === 0x54 && bytes[7] === 0x4d;
}

/** What an ORT-format file declares is known only after ORT has opened it. */
function ortFacts(bytes: Uint8Array): ModelFacts {
  return {
    format: 'ort',
    bytes: bytes.length,
    opsets: {},
    operators: {},
    inputs: [],
    outputs: [],
    nodes: 0,
    parameters: 0,
    externalFiles: [],
    metadata: {},
  };
}
