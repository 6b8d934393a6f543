/**
 * From pictures to the input tensor on the GPU, without a copy on the CPU: a camera frame is imported as it is, RGBA is
 * uploaded to a texture, one compute pass writes the tensor into one of two buffers, and the runtime takes that buffer.
 * Everything goes to the one queue of the device, so what is written here is there before the run that follows.
 */
import type { Prepare } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Picture } from '../core/payload.ts';
import { type GpuMemory, tensorUsage } from './gpuMemory.ts';
import type { Part } from './gpuReadback.ts';
import { invocations, pictureShader, type PictureKind, planWords, prepareShader } from './prepareShader.ts';
import { planResize, type ResizePlan } from './resizePlan.ts';
import { pixelsPerWord } from './whyNotOnGpu.ts';

/** A frame in the browser's own hands, or upright RGBA. */
export type Upload = VideoFrame | Picture;

export interface GpuInput {
  readonly buffer: GPUBuffer;
  /** Of all frames together. */
  readonly bytes: number;
  readonly fits: readonly Fit[];
  /** RGBA of the first frame where it was asked for and is not on the CPU already. */
  readonly picture?: Part & { readonly width: number; readonly height: number };
}

export interface GpuPreparer {
  /** Compiles what the next frames need. */
  use(prepare: Prepare | undefined): Promise<void>;
  /**
   * Writes all of them one after the other; frames are closed, pictures may change as soon as it returns. A buffer of an
   * earlier call is overwritten by the second call after it. @throws WeirError cannot-feed, out-of-memory
   */
  prepare(uploads: readonly Upload[], wantsPicture: boolean): Promise<GpuInput>;
}

interface Plan {
  readonly resize: ResizePlan;
  readonly taps: GPUBuffer;
  readonly words: ArrayBuffer;
  readonly frameBytes: number;
}

interface Shaders {
  readonly prepare: Prepare;
  readonly texture: GPUComputePipeline;
  readonly external: GPUComputePipeline;
  readonly picture: GPUComputePipeline;
}

const mostGroups = 65_535;

/** While the queue may still read one of them the other is written. */
const buffers = 2;

/** @param into where the tensor must lie, else it has two buffers of its own */
export function createGpuPreparer(
  memory: GpuMemory,
  into: (bytes: number, frames: number) => GPUBuffer = ownBuffers(memory),
): GpuPreparer {
  const { device } = memory;
  const uniform = memory.buffer(planWords * 4, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  const pictureSize = memory.buffer(16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  let shaders: Shaders | undefined;
  let plan: Plan | undefined;
  let texture: GPUTexture | undefined;
  let pixels: GPUBuffer | undefined;

  let ofPictures: Promise<GPUComputePipeline> | undefined;
  const make = (code: string) =>
    device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });

  async function compile(prepare: Prepare): Promise<Shaders> {
    ofPictures ??= make(pictureShader());
    const [fromTexture, fromExternal, picture] = await Promise.all([
      make(prepareShader(prepare, 'texture')),
      make(prepareShader(prepare, 'external')),
      ofPictures,
    ]);
    return { prepare, texture: fromTexture, external: fromExternal, picture };
  }

  function layOut(width: number, height: number, prepare: Prepare): Plan {
    const { fit } = plan?.resize ?? {};
    if (plan !== undefined && fit?.sourceWidth === width && fit.sourceHeight === height) return plan;
    memory.free(plan?.taps);
    const resize = planResize(width, height, prepare);
    const { x, y } = resize;
    const table = new Uint32Array(x.starts.length + x.weights.length + y.starts.length + y.weights.length);
    const floats = new Float32Array(table.buffer);
    table.set(x.starts);
    floats.set(x.weights, x.starts.length);
    table.set(y.starts, x.starts.length + x.weights.length);
    floats.set(y.weights, x.starts.length + x.weights.length + y.starts.length);
    const taps = memory.buffer(table.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(taps, 0, table);
    plan = { resize, taps, ...describe(resize, prepare) };
    return plan;
  }

  function textureOf({ buffer, width, height }: Picture): GPUTexture {
    if (texture === undefined || texture.width !== width || texture.height !== height) {
      memory.free(texture);
      texture = memory.texture(width, height);
    }
    const bytes = new Uint8Array(buffer, 0, width * height * 4);
    device.queue.writeTexture({ texture }, bytes, { bytesPerRow: width * 4, rowsPerImage: height }, [width, height]);
    return texture;
  }

  function dispatch(
    encoder: GPUCommandEncoder,
    pipeline: GPUComputePipeline,
    resources: readonly GPUBindingResource[],
    count: number,
  ): void {
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    const groups = Math.ceil(count / invocations);
    pass.dispatchWorkgroups(Math.min(groups, mostGroups), Math.ceil(groups / mostGroups));
    pass.end();
  }

  /** An imported frame is valid in the current task only, so nothing is awaited from here to its submission. */
  function submit(upload: Upload, place: number, total: number, tensor: GPUBuffer | undefined, wantsPicture: boolean) {
    if (shaders === undefined) throw new WeirError('cannot-feed', 'No picture feeds this model.');
    const { prepare } = shaders;
    const { width, height, frame } = sizeOf(upload);
    const { resize, taps, words, frameBytes } = layOut(width, height, prepare);
    const target = tensor ?? into(frameBytes * total, total);
    new Uint32Array(words)[offsetWord] = (place * frameBytes) / 4;
    device.queue.writeBuffer(uniform, 0, words);
    const encoder = device.createCommandEncoder();
    const kind: PictureKind = frame === undefined ? 'texture' : 'external';
    const view =
      frame === undefined ? textureOf(upload as Picture).createView() : device.importExternalTexture({ source: frame });
    const groups = (prepare.width * prepare.height) / (pixelsPerWord(prepare.type) ?? 1);
    dispatch(encoder, shaders[kind], [view, { buffer: taps }, { buffer: uniform }, { buffer: target }], groups);
    const shown = frame !== undefined && wantsPicture ? { width, height, bytes: width * height * 4 } : undefined;
    if (shown !== undefined) {
      if (pixels === undefined || pixels.size < shown.bytes) {
        memory.free(pixels);
        pixels = memory.buffer(shown.bytes, tensorUsage());
      }
      device.queue.writeBuffer(pictureSize, 0, new Uint32Array([width, height]));
      dispatch(encoder, shaders.picture, [view, { buffer: pictureSize }, { buffer: pixels }], width * height);
    }
    device.queue.submit([encoder.finish()]);
    const picture = shown === undefined || pixels === undefined ? undefined : { ...shown, buffer: pixels };
    return { target, bytes: frameBytes, fit: resize.fit, picture };
  }

  return {
    async use(prepare) {
      if (prepare === shaders?.prepare) return;
      memory.free(plan?.taps);
      plan = undefined;
      shaders = prepare === undefined ? undefined : await compile(prepare);
    },
    async prepare(uploads, wantsPicture) {
      const before = plan;
      const checks = ['validation', 'out-of-memory'] as const;
      const fits: Fit[] = [];
      let tensor: GPUBuffer | undefined;
      let bytes = 0;
      let picture: GpuInput['picture'];
      // Errors of the GPU come late and by another way; they are asked for once for each size of picture.
      for (const check of checks) device.pushErrorScope(check);
      let errors: Promise<(GPUError | null)[]>;
      try {
        uploads.forEach((upload, place) => {
          const done = submit(upload, place, uploads.length, tensor, wantsPicture && place === 0);
          tensor = done.target;
          bytes += done.bytes;
          fits.push(done.fit);
          picture ??= done.picture;
        });
      } finally {
        errors = Promise.all(checks.map(() => device.popErrorScope()));
        // A device that is lost says so elsewhere too.
        errors.catch(() => undefined);
        for (const upload of uploads) if ('close' in upload) memory.closed(upload);
      }
      const error = plan === before ? undefined : (await errors).find((each) => each !== null);
      if (error !== undefined && error !== null) {
        plan = undefined;
        throw new WeirError(
          error instanceof GPUOutOfMemoryError ? 'out-of-memory' : 'cannot-feed',
          'The GPU could not prepare this picture.',
          { details: error.message },
        );
      }
      if (tensor === undefined) throw new WeirError('cannot-feed', 'No picture feeds this model.');
      return { buffer: tensor, bytes, fits, ...(picture === undefined ? {} : { picture }) };
    },
  };
}

function ownBuffers(memory: GpuMemory): (bytes: number) => GPUBuffer {
  const held: (GPUBuffer | undefined)[] = [];
  let turn = 0;
  return (bytes) => {
    turn = (turn + 1) % buffers;
    const found = held[turn];
    if (found !== undefined && found.size >= bytes) return found;
    memory.free(found);
    const made = memory.buffer(bytes, tensorUsage());
    held[turn] = made;
    return made;
  };
}

const offsetWord = 7;

/** The uniform of the pass; `offset` is written for each frame. */
function describe(resize: ResizePlan, prepare: Prepare): { words: ArrayBuffer; frameBytes: number } {
  const pixels = pixelsPerWord(prepare.type) ?? 1;
  const channels = prepare.color === 'gray' ? 1 : 3;
  const planeWords = (prepare.width * prepare.height) / pixels;
  const copies = prepare.batch ?? 1;
  const frameWords = planeWords * channels;
  const words = new ArrayBuffer(planWords * 4);
  new Uint32Array(words).set([
    prepare.width,
    resize.columns,
    resize.rows,
    resize.left,
    resize.top,
    resize.x.count,
    resize.y.count,
    0,
    copies,
    frameWords,
    planeWords,
    planeWords,
  ]);
  const floats = new Float32Array(words);
  for (let channel = 0; channel < 3; channel++) {
    const std = prepare.std[channel] ?? 1;
    floats[12 + channel] = prepare.scale / std;
    floats[16 + channel] = -(prepare.mean[channel] ?? 0) / std;
    floats[20 + channel] = prepare.pad;
  }
  return { words, frameBytes: frameWords * copies * 4 };
}

function sizeOf(upload: Upload): { width: number; height: number; frame: VideoFrame | undefined } {
  if (!('close' in upload)) return { width: upload.width, height: upload.height, frame: undefined };
  return { width: upload.displayWidth, height: upload.displayHeight, frame: upload };
}
