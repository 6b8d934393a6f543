/** The peers' loops, each as its README shows it; they run in a page or in Node, one image after the other. */
import type { Page } from '@playwright/test';

export interface Loop {
  /** The best class of each image, in their order, once. */
  readonly labels: readonly number[];
  /** One round: ms of every image. */
  run(ms: number): Promise<number[]>;
}

export interface Given {
  readonly model: Uint8Array;
  readonly images: readonly Uint8Array[];
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

interface PageLoop {
  classify(image: Blob): Promise<number>;
  images: Blob[];
}

/** A loop whose `classify` and images were put into the page. */
async function pageLoop(page: Page): Promise<Loop> {
  const labels = await page.evaluate(async () => {
    const { loop } = window as never as { loop: PageLoop };
    const out: number[] = [];
    for (const image of loop.images) out.push(await loop.classify(image));
    return out;
  });
  return {
    labels,
    run: (ms) =>
      page.evaluate(async (span) => {
        const { loop } = window as never as { loop: PageLoop };
        const times: number[] = [];
        const end = performance.now() + span;
        for (let i = 0; performance.now() < end; i++) {
          const at = performance.now();
          await loop.classify(loop.images[i % loop.images.length] as Blob);
          times.push(performance.now() - at);
        }
        return times;
      }, ms),
  };
}

/** onnxruntime-web on the page: canvas, loop, run. */
export async function bareWeb(page: Page, { model, images }: Given): Promise<Loop> {
  await page.evaluate(
    async ({ bytes, pictures }) => {
      const decode = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const path = '/ort.wasm.min.mjs';
      const ort = (await import(path)) as typeof import('onnxruntime-web/wasm');
      const session = await ort.InferenceSession.create(decode(bytes), { executionProviders: ['wasm'] });
      const canvas = document.createElement('canvas');
      canvas.width = 224;
      canvas.height = 224;
      const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      const mean = [0.485, 0.456, 0.406];
      const std = [0.229, 0.224, 0.225];
      const classify = async (image: Blob) => {
        const bitmap = await createImageBitmap(image);
        const side = (Math.min(bitmap.width, bitmap.height) * 224) / 256;
        const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
        context.drawImage(bitmap, x, y, side, side, 0, 0, 224, 224);
        bitmap.close();
        const { data } = context.getImageData(0, 0, 224, 224);
        const input = new Float32Array(3 * 224 * 224);
        for (let i = 0; i < 224 * 224; i++)
          for (let c = 0; c < 3; c++)
            input[c * 224 * 224 + i] = ((data[i * 4 + c] ?? 0) / 255 - (mean[c] ?? 0)) / (std[c] ?? 1);
        const { logits } = await session.run({ pixel_values: new ort.Tensor('float32', input, [1, 3, 224, 224]) });
        const scores = logits?.data as Float32Array;
        return scores.indexOf(Math.max(...scores));
      };
      Object.assign(window, { loop: { classify, images: pictures.map((each) => new Blob([decode(each)])) } });
    },
    { bytes: base64(model), pictures: images.map(base64) },
  );
  return pageLoop(page);
}

/** transformers.js on a page: a pipeline over local files. */
export async function transformers(page: Page, { images }: Given): Promise<Loop> {
  await page.evaluate(async (pictures) => {
    const decode = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const path = '/transformers.js';
    // Its types live with it, and it is installed for this bench alone.
    const { pipeline, env, RawImage } = (await import(path)) as never as {
      pipeline(task: string, model: string, options: object): Promise<(image: unknown) => Promise<{ label: string }[]>>;
      env: {
        allowRemoteModels: boolean;
        allowLocalModels: boolean;
        localModelPath: string;
        backends: { onnx: { wasm: { wasmPaths: string } } };
      };
      RawImage: { fromBlob(image: Blob): Promise<unknown> };
    };
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.localModelPath = '/models/';
    env.backends.onnx.wasm.wasmPaths = `${location.origin}/`;
    const classifier = await pipeline('image-classification', 'classifier', { dtype: 'fp32', device: 'wasm' });
    const classify = async (image: Blob) => {
      const [best] = await classifier(await RawImage.fromBlob(image));
      return Number((best?.label ?? '').replace('LABEL_', ''));
    };
    Object.assign(window, { loop: { classify, images: pictures.map((each) => new Blob([decode(each)])) } });
  }, images.map(base64));
  return pageLoop(page);
}

interface NativeTensor {
  readonly data: Float32Array;
}
interface Native {
  readonly InferenceSession: {
    create(model: Uint8Array): Promise<{ run(feeds: object): Promise<Record<string, NativeTensor>> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => NativeTensor;
}
type Sharp = (bytes: Uint8Array) => {
  resize(width: number, height: number, options: object): ReturnType<Sharp>;
  removeAlpha(): ReturnType<Sharp>;
  toColourspace(space: string): ReturnType<Sharp>;
  extract(region: object): ReturnType<Sharp>;
  raw(): { toBuffer(): Promise<Buffer> };
};

/** onnxruntime-node, with sharp for the pictures. */
export async function native(load: (name: string) => Promise<unknown>, { model, images }: Given): Promise<Loop> {
  const { InferenceSession, Tensor } = (await load('onnxruntime-node')) as Native;
  const { default: sharp } = (await load('sharp')) as { default: Sharp };
  const session = await InferenceSession.create(model);
  const classify = async (image: Uint8Array) => {
    const pixels = await sharp(image)
      .resize(256, 256, { fit: 'cover' })
      .extract({ left: 16, top: 16, width: 224, height: 224 })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ];
    const input = new Float32Array(3 * 224 * 224);
    for (let i = 0; i < 224 * 224; i++)
      for (let c = 0; c < 3; c++)
        input[c * 224 * 224 + i] = ((pixels[i * 3 + c] ?? 0) / 255 - (mean?.[c] ?? 0)) / (std?.[c] ?? 1);
    const { logits } = await session.run({ pixel_values: new Tensor('float32', input, [1, 3, 224, 224]) });
    const scores = logits?.data ?? new Float32Array(1);
    return scores.indexOf(Math.max(...scores));
  };
  const labels: number[] = [];
  for (const image of images) labels.push(await classify(image));
  return {
    labels,
    async run(ms) {
      const times: number[] = [];
      const end = performance.now() + ms;
      for (let i = 0; performance.now() < end; i++) {
        const at = performance.now();
        await classify(images[i % images.length] ?? new Uint8Array());
        times.push(performance.now() - at);
      }
      return times;
    },
  };
}
