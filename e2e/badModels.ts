/**
 * Every bad model that Weir promises to survive, in one table: how it is made, its code, and the sentence that a person
 * reads on the page, next step included. `badModels.spec.ts` walks it.
 */
import { buildNanGraph, buildSobel } from '../src/models/buildGraph.ts';
import { ortNoise } from './badFrames.ts';
import * as graphs from './badGraphs.ts';
import type { BadInput } from './badInput.ts';
import { modelBytes } from './fixtures.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that are dropped together where a model belongs. */
export interface BadModel extends BadInput {
  readonly files: () => readonly ModelFile[];
}

const text = (words: string) => new TextEncoder().encode(words);
const model = (bytes: Uint8Array, ...beside: ModelFile[]) => [{ name: 'bad.onnx', bytes }, ...beside];
const weights = (bytes: number) => ({ name: 'weights.bin', bytes: new Uint8Array(bytes) });
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'8f'.repeat(32)}\nsize 232589\n`;
const sobel = buildSobel(60, 80);

const asExported = 'Open an .onnx or .ort file as its exporter wrote it.';
const together = 'Drop the model and its data file together.';
const beside = 'Export it again with the data file beside the model.';
const fails = 'It fails on ordinary pictures, so the model before it goes on. Check it with the tool that exported it.';
const smaller = 'The model before it goes on. Export it for a smaller input, or in float16 or int8.';
const otherEngine =
  'The model before it goes on. Try it on another engine under Run on, or give its first run more time.';

const hostilePaths = [
  '../../etc/passwd',
  '/etc/passwd',
  'w/../../w.bin',
  'file:///etc/passwd',
  'https://evil.test/w.bin',
  '..\\..\\w.bin',
  'C:\\w.bin',
  '\\\\evil.test\\w.bin',
  '*/_ORT_MEM_ADDR_/*',
  '.',
];

export const badModels: readonly BadModel[] = [
  {
    name: 'an empty file',
    files: () => model(new Uint8Array(0)),
    code: 'not-a-model',
    says: `The file is empty. ${asExported}`,
  },
  {
    name: 'a Git LFS pointer',
    files: () => model(text(pointer)),
    code: 'lfs-pointer',
    says: 'It is a Git LFS pointer of 131 bytes, not the model. The model itself has 232 589 bytes. Run git lfs pull and drop the file again, or open its download link.',
  },
  {
    name: 'a web page',
    files: () => model(text('<!DOCTYPE html><html><body>Not found</body></html>')),
    code: 'not-a-model',
    says: `It is a web page, not a model: copy the link of its download button. ${asExported}`,
  },
  {
    name: 'a truncated model',
    files: () => model(sobel.subarray(0, sobel.length >> 1)),
    code: 'not-a-model',
    says: /^The file is cut off: at least \d+ bytes are missing\. Open an \.onnx/,
  },
  {
    name: 'noise',
    files: () => model(Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)),
    code: 'not-a-model',
    says: `The file is damaged, or it is not an ONNX model. ${asExported}`,
  },
  {
    name: 'an ORT file of noise',
    files: () => model(ortNoise()),
    code: 'not-a-model',
    says: /^The graph of the model is not valid: .*ORT model verification failed\. Open an \.onnx/,
  },
  {
    name: 'an opset of the future',
    files: () => model(graphs.oneOperator('Relu', 314_159)),
    code: 'unsupported-opset',
    says: 'The model needs ONNX opset 314159; this page runs opsets up to 26. Export it again with an opset from 7 to 26.',
  },
  {
    name: 'an unknown operator',
    files: () => model(graphs.oneOperator('Foo')),
    code: 'unsupported-operator',
    says: 'The runtime does not have the operator Foo. Export it without that operator, or with standard operators in its place.',
  },
  {
    name: 'a graph with a cycle',
    files: () => model(graphs.cycle()),
    code: 'not-a-model',
    says: `The graph of the model is not valid: This is an invalid model. Error: the graph is not acyclic. ${asExported}`,
  },
  {
    name: 'a model that gives NaN',
    files: () => model(buildNanGraph([1, 3, 8, 8])),
    code: 'bad-output',
    says: `Output output contains values that are not numbers (NaN). ${fails}`,
  },
  {
    name: 'a model that fails while it runs',
    files: () => model(graphs.gatherOutside()),
    code: 'bad-output',
    says: /^The model failed while it ran: indices element out of data bounds, .*\. It fails on ordinary pictures/,
  },
  {
    name: 'an input of 65535 x 65535',
    files: () => model(graphs.oneOperator('Relu', 17, [1, 3, 65_535, 65_535])),
    code: 'too-large',
    says: 'Input input takes pictures of 65535 × 65535; the limit of a side is 8192. Use a smaller version of it.',
  },
  {
    name: 'weights in a file that is not there',
    files: () => model(graphs.external({ location: 'weights.bin' })),
    code: 'missing-external-data',
    says: `The weights are missing. This model keeps them in weights.bin: drop the files together. ${together}`,
  },
  {
    name: 'weights in a file that is too short',
    files: () => model(graphs.external({ location: 'weights.bin' }), weights(100)),
    code: 'missing-external-data',
    says: `weights.bin has 100 bytes, but the model reads 768: it is cut off, or of another model. ${together}`,
  },
  {
    name: 'an offset beyond the file of weights',
    files: () => model(graphs.external({ location: 'weights.bin', offset: '4096', length: '768' }), weights(768)),
    code: 'missing-external-data',
    says: `weights.bin has 768 bytes, but the model reads 4864: it is cut off, or of another model. ${together}`,
  },
  {
    name: 'a length beyond the file of weights',
    files: () => model(graphs.external({ location: 'weights.bin', offset: '0', length: '4096' }), weights(768)),
    code: 'missing-external-data',
    says: `weights.bin has 768 bytes, but the model reads 4096: it is cut off, or of another model. ${together}`,
  },
  {
    name: 'a length that is less than the weight',
    files: () => model(graphs.external({ location: 'weights.bin', offset: '0', length: '10' }), weights(768)),
    code: 'missing-external-data',
    says: `Weight bias needs 768 bytes, but the model says that 10 of them are beside it: the model is damaged. ${together}`,
  },
  {
    name: 'an input that no memory holds',
    files: () => model(graphs.oneOperator('Relu', 17, [1_000_000_000, 3, 64, 64])),
    code: 'too-large',
    says: 'Input input is [1000000000, 3, 64, 64]: more numbers than the memory of a page can hold. Use a smaller version of it.',
  },
  {
    name: 'an offset that is no number',
    files: () => model(graphs.external({ location: 'weights.bin', offset: '-8', length: '768' }), weights(768)),
    code: 'not-a-model',
    says: `The file is damaged: it gives “-8” as a place in its data file. ${asExported}`,
  },
  ...hostilePaths.map(
    (path): BadModel => ({
      name: `weights in ${path}`,
      // A file of the name that the path ends in lies beside it, and must not be taken.
      files: () => model(graphs.external({ location: path }), { name: 'w.bin', bytes: new Uint8Array(768) }),
      code: 'bad-external-path',
      says: `The model points to weights outside its own folder: “${path}”. ${beside}`,
    }),
  ),
  {
    name: 'text as the only output',
    files: () => model(graphs.stringOutput(true)),
    code: 'bad-output',
    says: `The model has no output of numbers. Its only output, label, holds text. ${fails}`,
  },
  {
    name: 'a sequence as the only output',
    files: () => model(graphs.sequenceOutput(true)),
    code: 'bad-output',
    says: `The model has no output of numbers. Its only output, list, holds a sequence or a map. ${fails}`,
  },
  {
    name: 'functions that unfold until the stack of the runtime ends',
    files: () => model(graphs.functionsWithoutEnd(3000)),
    code: 'not-a-model',
    says: `The runtime broke down while it read the model: its graph is damaged, or nested too deeply. ${asExported}`,
  },
  {
    name: 'subgraphs nested a hundred deep',
    files: () => model(graphs.nested(100)),
    code: 'not-a-model',
    says: `The file is damaged, or it is not an ONNX model. ${asExported}`,
  },
  {
    name: 'a tensor of 4 GB while it runs',
    files: () => model(graphs.hugeIntermediate(graphs.allMemory)),
    code: 'out-of-memory',
    says: `The browser did not give enough memory for this model. ${smaller}`,
  },
  {
    name: 'a tensor of 4 GB made of constants',
    files: () => model(graphs.hugeConstant(graphs.allMemory)),
    code: 'out-of-memory',
    says: `The browser did not give enough memory for this model. ${smaller}`,
  },
  {
    name: 'a tensor of 8 GB',
    files: () => model(graphs.hugeIntermediate(2_000_000_000)),
    code: 'out-of-memory',
    says: `The model asks for a tensor of more than 4 GB, which no browser can hold. ${smaller}`,
  },
  {
    name: 'a loop without end',
    files: () => model(graphs.loops(2n ** 40n)),
    code: 'model-hangs',
    says: `The first run did not end within 2 s. ${otherEngine}`,
  },
];

/** Files that others made. */
export const badRealModels: readonly BadModel[] = [
  ['bad-corrupt-protobuf', 'not-a-model', `It is a text file, not a model. ${asExported}`] as const,
  [
    'bad-git-lfs-pointer',
    'lfs-pointer',
    /^It is a Git LFS pointer of \d+ bytes, not the model\..* Run git lfs pull/,
  ] as const,
  ['bad-opset-314159', 'unsupported-opset', /^The model needs ONNX opset 314159; .* Export it again/] as const,
  ['bad-unknown-op', 'unsupported-operator', /^The runtime does not have the operator Foo\. Export it/] as const,
  [
    'bad-extensions-ops',
    'unsupported-operator',
    /^The model uses operators of \S+ \(.*\), which do not exist in the browser\. Export it/,
  ] as const,
  [
    'externaldata-web-e2e',
    'missing-external-data',
    `The weights are missing. This model keeps them in model_with_orig_ext_data.bin: drop the files together. ${together}`,
  ] as const,
].map(([name, code, says]) => ({ name, code, says, files: () => model(modelBytes(name)) }));

/** Odd, but they run: what the page shows of them. */
export const oddModels: readonly {
  readonly name: string;
  readonly bytes: () => Uint8Array;
  readonly shows: string;
  readonly note?: string;
}[] = [
  { name: 'outputs without an element', bytes: graphs.emptyOutputs, shows: '2 tensors' },
  { name: '120 outputs', bytes: () => graphs.manyOutputs(120), shows: '120 tensors' },
  { name: '1000 outputs', bytes: () => graphs.manyOutputs(1000), shows: '1000 tensors' },
  {
    name: 'text beside a tensor',
    bytes: () => graphs.stringOutput(false),
    shows: '1 tensor',
    note: 'Skipped, because they hold no tensor of numbers: label (text).',
  },
  {
    name: 'a sequence beside a tensor',
    bytes: () => graphs.sequenceOutput(false),
    shows: '1 tensor',
    note: 'Skipped, because they hold no tensor of numbers: list (a sequence or a map).',
  },
];

/** Models that serve until a picture is white; then one frame fails, and a fresh worker takes over. */
export const badWhenBright: readonly (BadInput & { readonly bytes: () => Uint8Array })[] = [
  {
    name: 'a loop that ends for dark pictures only',
    bytes: graphs.loopsWhenBright,
    code: 'model-hangs',
    says: /One run of the model did not end within [\d.]+ s\. A fresh worker takes over, up to three times\. If it hangs again, choose another engine or another model\.$/,
  },
  {
    name: '4 GB for bright pictures only',
    bytes: graphs.hugeWhenBright,
    code: 'out-of-memory',
    says: 'The browser did not give enough memory for this model. Try a smaller input size or fewer sessions.',
  },
];
