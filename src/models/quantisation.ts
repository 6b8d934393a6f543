/** How a model was quantised, told by its operators and the types of its weights; formats: onnxruntime.ai, "Quantize ONNX models". */

const narrow = ['int4', 'uint4', 'int8', 'uint8'] as const;

/** @param operators and weights: how often each type occurs. Undefined: it is not quantised. */
export function quantisationOf(
  operators: ReadonlyMap<string, number>,
  weights: ReadonlyMap<string, number>,
): string | undefined {
  const has = (test: RegExp) => [...operators.keys()].some((name) => test.test(name));
  const type = narrow
    .filter((each) => weights.has(each))
    .sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))[0];
  const of = type === undefined ? '' : `, ${type}`;
  if (has(/(^|\.)MatMulNBits$/)) return 'blocks of 4 or 8 bits';
  if (has(/(^|\.)DynamicQuantize/)) return `dynamic${of}`;
  if (has(/(^|\.)(QLinear|ConvInteger|MatMulInteger)/)) return `quantised operators${of}`;
  if (has(/^(Dequantize|Quantize)Linear$/)) return `QDQ${of}`;
  const halves = weights.get('float16') ?? 0;
  return halves > (weights.get('float32') ?? 0) ? 'float16' : undefined;
}
