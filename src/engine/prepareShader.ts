/**
 * The compute pass that makes an input tensor of a picture, as WGSL for one preparation: which pixels are blended with which
 * weights is planned on the CPU in float64 (`resizePlan.ts`), so that both preparers share one geometry.
 */
import type { Prepare } from '../core/card.ts';
import { pixelsPerWord } from './whyNotOnGpu.ts';

export type PictureKind = 'texture' | 'external';

/** Of a workgroup. */
export const invocations = 64;

/** In the order of the `Plan` below: twelve u32, then the affine map as three vec4f (factors, terms, border). */
export const planWords = 24;

const plan = `
struct Plan {
  width: u32, columns: u32, rows: u32, left: u32,
  top: u32, xCount: u32, yCount: u32, offset: u32,
  copies: u32, frameWords: u32, groups: u32, planeWords: u32,
  factor: vec4f, term: vec4f, border: vec4f,
}`;

const source = (kind: PictureKind) => ({
  type: kind === 'external' ? 'texture_external' : 'texture_2d<f32>',
  load: (at: string) => (kind === 'external' ? `textureLoad(picture, ${at})` : `textureLoad(picture, ${at}, 0)`),
});

const colors = {
  rgb: 'rgb',
  bgr: 'rgb.bgr',
  gray: 'vec3f(dot(rgb, vec3f(0.299, 0.587, 0.114)))',
} as const;

/** How the values of one word are put into it. Rounding of integers is half away from zero. */
function pack(type: Prepare['type'], values: readonly string[]): string {
  const [a = '0', b = '0'] = values;
  switch (type) {
    case 'float16':
      return `pack2x16float(vec2f(${a}, ${b}))`;
    case 'uint8':
      return values.map((value, i) => `(u32(clamp(whole(${value}), 0, 255)) << ${8 * i}u)`).join(' | ');
    case 'uint32':
      return `u32(max(whole(${a}), 0))`;
    case 'int32':
      return `bitcast<u32>(i32(whole(${a})))`;
    default:
      return `bitcast<u32>(${a})`;
  }
}

/** Each invocation makes all channels of as many pixels as share a word. */
export function prepareShader({ type, color, layout }: Prepare, kind: PictureKind): string {
  const pixels = pixelsPerWord(type) ?? 1;
  const channels = color === 'gray' ? 1 : 3;
  const planar = layout === 'nchw' || channels === 1;
  const { type: textureType, load } = source(kind);
  const value = (pixel: number, channel: number) => `p${pixel}[${channel}]`;
  const words = Array.from({ length: channels }, (_, word) => {
    const values = Array.from({ length: pixels }, (__, i) => {
      const at = word * pixels + i;
      return planar ? value(i, word) : value(Math.floor(at / channels), at % channels);
    });
    const place = planar ? `${word}u * plan.planeWords + group` : `group * ${channels}u + ${word}u`;
    return `    tensor[at + ${place}] = ${pack(type, values)};`;
  });
  const make = Array.from({ length: pixels }, (_, i) => `  let p${i} = valuesAt(group * ${pixels}u + ${i}u);`);
  return `${plan}
@group(0) @binding(0) var picture: ${textureType};
// Starts of the columns, weights of the columns, starts of the rows, weights of the rows.
@group(0) @binding(1) var<storage, read> taps: array<u32>;
@group(0) @binding(2) var<uniform> plan: Plan;
@group(0) @binding(3) var<storage, read_write> tensor: array<u32>;

fn whole(value: f32) -> f32 { return sign(value) * floor(abs(value) + 0.5); }

fn valuesAt(index: u32) -> vec3f {
  let x = index % plan.width;
  let y = index / plan.width;
  var rgb = plan.border.xyz;
  if (x >= plan.left && x - plan.left < plan.columns && y >= plan.top && y - plan.top < plan.rows) {
    let column = x - plan.left;
    let row = y - plan.top;
    let xWeights = plan.columns + column * plan.xCount;
    let yStarts = plan.columns * (1u + plan.xCount);
    let yWeights = yStarts + plan.rows + row * plan.yCount;
    let x0 = taps[column];
    let y0 = taps[yStarts + row];
    rgb = vec3f();
    for (var j = 0u; j < plan.yCount; j++) {
      let wy = bitcast<f32>(taps[yWeights + j]);
      if (wy == 0) { continue; }
      var line = vec3f();
      for (var i = 0u; i < plan.xCount; i++) {
        let wx = bitcast<f32>(taps[xWeights + i]);
        if (wx != 0) { line += wx * ${load('vec2u(x0 + i, y0 + j)')}.rgb; }
      }
      rgb += wy * line;
    }
    rgb *= 255;
  }
  return ${colors[color]} * plan.factor.xyz + plan.term.xyz;
}

@compute @workgroup_size(${invocations})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) size: vec3u) {
  let group = id.x + id.y * size.x * ${invocations}u;
  if (group >= plan.groups) { return; }
${make.join('\n')}
  for (var copy = 0u; copy < plan.copies; copy++) {
    let at = plan.offset + copy * plan.frameWords;
${words.join('\n')}
  }
}`;
}

/** A frame that lives on the GPU as RGBA bytes, for those who show it. */
export function pictureShader(): string {
  return `
@group(0) @binding(0) var picture: texture_external;
@group(0) @binding(1) var<uniform> size: vec2u;
@group(0) @binding(2) var<storage, read_write> pixels: array<u32>;

@compute @workgroup_size(${invocations})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * ${invocations}u;
  if (index >= size.x * size.y) { return; }
  let rgb = textureLoad(picture, vec2u(index % size.x, index / size.x)).rgb;
  pixels[index] = pack4x8unorm(vec4f(rgb, 1));
}`;
}
