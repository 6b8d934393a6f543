/**
 * Says what a model file is before ORT sees a byte of it, or why it is not one that can be opened.
 * Pure and without ORT, so it answers in milliseconds and in words that a person can act on.
 */
import type { ModelFacts } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import { type ByteSource, sourceOfBytes } from './byteSource.ts';
import { lookAlike } from './lookAlikes.ts';
import { factsOf } from './modelFacts.ts';
import type { OnnxModel } from './onnxModel.ts';
import { ExternalPlaceError, readOnnx } from './onnxReader.ts';
import { ortFacts } from './ortFacts.ts';
import { CutOffError } from './protoCursor.ts';

/** Newest ai.onnx opset that onnxruntime-web 1.30.0 opens (tried one by one; 27: "is under development"). */
export const maxOpset = 26;

/** What the look-alikes are told by. */
const headBytes = 4096;

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

/** What a file is: its facts, and where it is ONNX its structure. */
export interface ReadModel {
  readonly facts: ModelFacts;
  readonly model?: OnnxModel;
}

/**
 * @param fileName only for words, never for a decision
 * @throws WeirError not-a-model, lfs-pointer, unsupported-opset, unsupported-operator or bad-external-path
 */
export function preflight(given: Uint8Array | ByteSource, fileName?: string): ModelFacts {
  return readModel(given, fileName).facts;
}

/** The same, with the structure for those who go on with it. */
export function readModel(given: Uint8Array | ByteSource, fileName?: string): ReadModel {
  const source = given instanceof Uint8Array ? sourceOfBytes(given) : given;
  const head = source.read(0, Math.min(source.size, headBytes));
  const error = lookAlike(head, source.size);
  if (error !== undefined) throw error;
  if (isOrtFormat(head)) return { facts: ortFacts(source) };
  const model = parse(source, fileName);
  checkOpset(model);
  const facts = factsOf(model, source);
  checkDomains(model, facts);
  return { facts, model };
}

function parse(source: ByteSource, fileName: string | undefined): OnnxModel {
  let found: OnnxModel;
  try {
    found = readOnnx(source);
  } catch (thrown) {
    // Only a file that began as ONNX does can be said to be cut off; in others the length is as random as the rest.
    const { size } = source;
    if (
      thrown instanceof CutOffError &&
      thrown.holder.from === 0 &&
      thrown.holder.to === size &&
      beginsLikeOnnx(source.read(0, Math.min(2, size)))
    ) {
      throw new WeirError('not-a-model', `The file is cut off: at least ${thrown.missingBytes} bytes are missing.`, {
        cause: thrown,
      });
    }
    if (thrown instanceof WeirError) throw thrown;
    if (thrown instanceof ExternalPlaceError) {
      throw new WeirError(
        'not-a-model',
        `The file is damaged: it gives “${thrown.given.slice(0, 40)}” as a place in its data file.`,
        { cause: thrown },
      );
    }
    const isData = fileName !== undefined && /\.(bin|data|weights)$/i.test(fileName);
    const hint = isData ? ' It may be the weights of a model: drop both together.' : '';
    throw new WeirError('not-a-model', `The file is damaged, or it is not an ONNX model.${hint}`, { cause: thrown });
  }
  if (found.graph === undefined) {
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

function checkOpset({ opsets }: OnnxModel): void {
  const opset = opsets.get('ai.onnx');
  if (opset === undefined || opset <= maxOpset) return;
  throw new WeirError(
    'unsupported-opset',
    `The model needs ONNX opset ${opset}; this page runs opsets up to ${maxOpset}.`,
  );
}

function checkDomains({ functions }: OnnxModel, { operators }: ModelFacts): void {
  const own = new Set(functions.map(({ domain }) => domain));
  const foreign = Object.keys(operators).filter((name) => {
    const domain = domainOf(name);
    return !knownDomains.has(domain) && !own.has(domain);
  });
  const domain = domainOf(foreign[0] ?? '');
  if (domain === '') return;
  const names = foreign
    .filter((name) => domainOf(name) === domain)
    .map((name) => name.slice(domain.length + 1, domain.length + 61));
  throw new WeirError(
    'unsupported-operator',
    `The model uses operators of ${domain.slice(0, 60)} (${names.slice(0, 4).join(', ')}), which do not exist in the browser.`,
  );
}

/** Of a type qualified by its domain. */
const domainOf = (operator: string) => operator.slice(0, Math.max(0, operator.lastIndexOf('.')));

/** A flatbuffer with the file identifier "ORTM". */
function isOrtFormat(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[4] === 0x4f && bytes[5] === 0x52 && bytes[6] === 0x54 && bytes[7] === 0x4d;
}
