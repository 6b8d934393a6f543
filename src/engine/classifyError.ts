/** ORT's words to Weir's codes: ORT throws plain strings, protobuf complaints and bare heap addresses. */
import { messageOf, WeirError, type ErrorCode } from '../core/errors.ts';

export type EngineStage = 'load' | 'run';

interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly stage?: EngineStage;
}

/** How a WebAssembly module ends that cannot go on. */
const traps = /call stack|abort|memory access out of bounds|unreachable|table index|null function|indirect call/i;

const rules: readonly Rule[] = [
  { pattern: /device.{0,20}lost|lost.{0,20}device/i, code: 'device-lost', message: 'The GPU device was lost.' },
  {
    // An uncaught C++ exception reaches JavaScript as the number of its heap address; in practice it is bad_alloc.
    pattern:
      /out of memory|bad_alloc|allocation fail|failed to allocate|cannot enlarge memory|^\d+$|could not allocate/i,
    code: 'out-of-memory',
    message: 'The browser did not give enough memory for this model.',
  },
  {
    // Sizes that 32 bits cannot count, before anything is allocated.
    pattern: /SafeInt|exceeds the supported (maximum|range)/,
    code: 'out-of-memory',
    message: 'The model asks for a tensor of more than 4 GB, which no browser can hold.',
  },
  {
    // ORT meets it where it fills a tensor beyond 2 GB; a broken kernel would say the same.
    pattern: /memory access out of bounds/,
    code: 'out-of-memory',
    message:
      'The runtime went beyond its memory: a tensor of the model is too large for a browser, or the model is broken.',
  },
  {
    pattern: traps,
    code: 'not-a-model',
    message: 'The runtime broke down while it read the model: its graph is damaged, or nested too deeply.',
    stage: 'load',
  },
  {
    pattern: traps,
    code: 'model-hangs',
    message: 'The runtime broke down while the model ran.',
    stage: 'run',
  },
  {
    pattern: /MountedFiles|external data|external initializer/i,
    code: 'missing-external-data',
    message: 'The model keeps weights in a second file that was not given.',
  },
  {
    pattern: /No Op registered|Could not find an implementation|is not a registered function|NOT_IMPLEMENTED/i,
    code: 'unsupported-operator',
    message: 'The model uses an operator that this runtime does not have.',
  },
  {
    // Some adapters, those in software among them, compute in float32 alone.
    pattern: /requires f16 but the device does not support it/,
    code: 'no-webgpu',
    message: 'The model computes in half precision (float16), which this graphics adapter cannot.',
  },
  {
    pattern: /opset|Unsupported model IR version|ai\.onnx.{0,40}version/i,
    code: 'unsupported-opset',
    message: 'The model was written for an operator set that this runtime does not know.',
    stage: 'load',
  },
  {
    pattern: /protobuf|Failed to load model|No graph was found|flatbuffer|ORT format model/i,
    code: 'not-a-model',
    message: 'The file could not be read as a model.',
    stage: 'load',
  },
  {
    pattern: /invalid dimensions|invalid rank|input data type|is missing in 'feeds'|Invalid Feed|shape/i,
    code: 'cannot-feed',
    message: 'The model refused the input it was given.',
    stage: 'run',
  },
];

const fallbacks: Readonly<Record<EngineStage, Pick<Rule, 'code' | 'message'>>> = {
  load: { code: 'not-a-model', message: 'The graph of the model is not valid' },
  run: { code: 'bad-output', message: 'The model failed while it ran' },
};

/** The raw words stay in `details`, for a person to copy; the operator's name is worth showing at once. */
export function classifyError(thrown: unknown, stage: EngineStage): WeirError {
  if (thrown instanceof WeirError) return thrown;
  const raw = messageOf(thrown);
  const old = oldOperator(raw);
  if (old !== undefined) return new WeirError('unsupported-opset', old, { details: raw.slice(0, 2000), cause: thrown });
  const known = rules.find((each) => (each.stage ?? stage) === stage && each.pattern.test(raw));
  const rule = known ?? { ...fallbacks[stage], message: withReason(fallbacks[stage].message, raw) };
  const operator = rule.code === 'unsupported-operator' ? operatorIn(raw) : undefined;
  const message = operator === undefined ? rule.message : `The runtime does not have the operator ${operator}.`;
  return new WeirError(rule.code, message, { details: raw.slice(0, 2000), cause: thrown });
}

/** A version of a standard operator for which the runtime has lost its kernel; newer lacks are of the type, not of the age. */
const oldestKernel = 7;

function oldOperator(raw: string): string | undefined {
  const found = /implementation for (\w{1,80})\((\d+)\)/.exec(raw);
  if (found === null || Number(found[2]) >= oldestKernel) return undefined;
  return `The model uses ${found[1]} of operator set ${found[2]}, which this runtime no longer has.`;
}

/** ORT's own reason, without where in its source it was thrown. */
function withReason(message: string, raw: string): string {
  const reason = (raw.split(/ERROR_MESSAGE:\s*/).pop() ?? '')
    .replace(/^.*?Status Message:\s*/s, '')
    .replace(/\/\S+?:\d+\s+\S.*?(?=\w+ (was|is) |$)/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
  return /[a-z]{3}/i.test(reason) ? `${message}: ${reason.slice(0, 160)}.` : `${message}.`;
}

function operatorIn(raw: string): string | undefined {
  const found =
    /No Op registered for ([\w.:-]{1,80})/.exec(raw) ??
    /implementation for ([\w.:-]{1,80})/.exec(raw) ??
    /([\w.:-]{1,80})\([^)]*\) is not a registered/.exec(raw);
  return found?.[1];
}

/** After these the module's heap or device can no longer be trusted: the worker must be replaced. */
export function poisons(thrown: unknown, code: ErrorCode): boolean {
  if (code === 'out-of-memory' || code === 'device-lost') return true;
  // Our own words, in which names of files may say anything.
  if (thrown instanceof WeirError) return false;
  return thrown instanceof WebAssembly.RuntimeError || traps.test(messageOf(thrown));
}
