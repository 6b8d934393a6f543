/**
 * The test's hand on a Weir page: opens it on the production host, calls `window.weir`, and checks the sum at every look.
 * A page that logged an error, threw or broke the CSP fails its test, whatever else the test looked at.
 */
import { test as base, type ConsoleMessage, expect, type Page } from '@playwright/test';
import { type Host, startHost } from '../server/host.ts';
import type { ErrorCode } from '../src/core/errors.ts';
import type { DeepPartial, SettingsChange } from '../src/core/settings.ts';
import type { Counts, Snapshot } from '../src/core/snapshot.ts';
import type {} from '../src/api/weir.ts';
import type { ModelCard } from '../src/core/card.ts';
import { expectConserved } from './conserved.ts';
import { type BareTensor, fromPage, type PageTensor } from './tensors.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

export class Station {
  readonly page: Page;
  readonly origin: string;
  /** What the page complained about; a test that provokes complaints empties it. */
  readonly complaints: string[] = [];

  constructor(page: Page, origin: string) {
    this.page = page;
    this.origin = origin;
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`thrown: ${error.message}`));
  }

  /** Opens the page with settings in its hash and waits until `window.weir` is there. */
  async open(hash = ''): Promise<void> {
    await this.page.goto(`${this.origin}/${hash === '' ? '' : `#${hash}`}`);
    await this.page.waitForFunction(() => 'weir' in window);
  }

  /** Opens and waits for the first results of the scene. */
  async run(hash = ''): Promise<Snapshot> {
    await this.open(hash);
    return this.until('first results', (now) => now.state === 'running' && now.counts.completed > 0);
  }

  async snapshot(): Promise<Snapshot> {
    const snapshot = await this.page.evaluate(() => window.weir.snapshot());
    expectConserved(snapshot);
    return snapshot;
  }

  /** Polls until `done`; every snapshot on the way must add up. */
  async until(what: string, done: (now: Snapshot) => boolean, timeoutMs = 20_000): Promise<Snapshot> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const now = await this.snapshot();
      if (done(now)) return now;
      if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}. Last: ${JSON.stringify(now)}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Looks on for a while; every snapshot must add up. */
  async watch(forMs: number): Promise<Snapshot> {
    const end = Date.now() + forMs;
    let last = await this.snapshot();
    while (Date.now() < end) {
      await this.page.waitForTimeout(100);
      last = await this.snapshot();
    }
    return last;
  }

  /** Counts gained over a while, and how long it truly was: a busy machine looks later than it meant to. */
  async gained(forMs: number): Promise<Counts & { readonly seconds: number }> {
    const before = await this.batch();
    await this.watch(forMs);
    const after = await this.batch();
    return { ...difference(after.counts, before.counts), seconds: (after.at - before.at) / 1000 };
  }

  /** The next batch of telemetry and when it came, ms; a snapshot alone may be a tenth of a second old. */
  batch(): Promise<{ at: number; counts: Counts }> {
    return this.page.evaluate(
      () =>
        new Promise<{ at: number; counts: Counts }>((done) => {
          const stop = window.weir.subscribe(({ counts }) => {
            stop();
            done({ at: performance.now(), counts });
          });
        }),
    );
  }

  /**
   * Blocks the page's main thread, and returns the counts of each batch that the pipeline sent meanwhile (they wait in
   * the page's queue and come when it is free again) and of the time after it, three tenths of a second unless told.
   */
  blockPage(forMs: number, afterMs = 300): Promise<Counts[]> {
    return this.page.evaluate(
      ({ ms, after }) =>
        new Promise<Counts[]>((done) => {
          const end = performance.now() + ms;
          while (performance.now() < end);
          const batches: Counts[] = [];
          const stop = window.weir.subscribe(({ counts }) => batches.push(counts));
          setTimeout(() => {
            stop();
            done(batches);
          }, after);
        }),
      { ms: forMs, after: afterMs },
    );
  }

  /** Frames go on being completed: `count` more than now. */
  async goesOn(count = 3): Promise<Snapshot> {
    const { counts } = await this.snapshot();
    return this.until(`${count} more completed`, (now) => now.counts.completed >= counts.completed + count);
  }

  configure(settings: SettingsChange): Promise<void> {
    return this.page.evaluate((change) => window.weir.configure(change), settings);
  }

  /** Opens model bytes as a dropped file; a refusal comes back as a value. */
  openModel(bytes: Uint8Array, name = 'model.onnx', card?: DeepPartial<ModelCard>): Promise<Refusal | undefined> {
    return this.openFiles([{ name, bytes }], card);
  }

  /** Opens files as if they were dropped together. */
  openFiles(
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    card?: DeepPartial<ModelCard>,
  ): Promise<Refusal | undefined> {
    return this.page.evaluate(
      async ({ given, patch }) => {
        try {
          const dropped = given.map(
            ({ base64, name }) => new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name),
          );
          await window.weir.openModel(dropped, patch);
          return undefined;
        } catch (error) {
          const { code, message } = error as { code: never; message: string };
          return { code, message };
        }
      },
      { given: files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })), patch: card },
    );
  }

  /** Drops files on the page, as a person does: what goes wrong is said on the page alone. */
  async drop(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(
      (given) => {
        const transfer = new DataTransfer();
        for (const { name, base64 } of given)
          transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
        return transfer;
      },
      files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })),
    );
    await this.page.dispatchEvent('body', 'drop', { dataTransfer });
  }

  /** Inputs (the fed one first) and raw outputs of the next frame. */
  async inspect(): Promise<{ input: BareTensor; inputs: BareTensor[]; outputs: BareTensor[] }> {
    const { inputs, outputs } = await this.page.evaluate(async () => {
      const pack = (tensor: { name: string; type: string; dims: readonly number[]; data: ArrayBufferView }) => {
        const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
        let text = '';
        for (let at = 0; at < bytes.length; at += 32_768)
          text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
        const array = tensor.data.constructor.name;
        return { name: tensor.name, type: tensor.type, dims: [...tensor.dims], array, base64: btoa(text) };
      };
      const seen = await window.weir.inspect();
      return { inputs: seen.inputs.map(pack), outputs: seen.outputs.map(pack) };
    });
    const given = (inputs as PageTensor[]).map(fromPage);
    const [input] = given;
    if (input === undefined) throw new Error('The station gave no input.');
    return { input, inputs: given, outputs: (outputs as PageTensor[]).map(fromPage) };
  }
}

export function difference(after: Counts, before: Counts): Counts {
  const minus = (a: unknown, b: unknown): unknown =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : Object.fromEntries(Object.entries(a as object).map(([key, value]) => [key, minus(value, (b as never)[key])]));
  return minus(after, before) as Counts;
}

/** Waits in Node, for tests that have no page to wait with. */
export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export const test = base.extend<{ station: Station }, { host: Host }>({
  host: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, give) => {
      const host = await startHost();
      await give(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  station: async ({ page, host }, give) => {
    const station = new Station(page, host.url);
    await give(station);
    // A test that was skipped has opened nothing.
    if (page.url() !== 'about:blank') await station.snapshot();
    expect(station.complaints, 'the page complained').toEqual([]);
  },
});

export { expect };
