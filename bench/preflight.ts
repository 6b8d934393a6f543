/**
 * A model of 1 GB, made here, inspected from its file: how long until all is known of it, and how much memory is held for
 * that. The weights are a hole in the file; the reader steps over them as it would over numbers.
 */
import { mkdtempSync, openSync, closeSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Page } from '@playwright/test';
import { buildBare } from './bare/build.ts';
import type { Bare } from './bare/main.ts';
import { eagerMeasure, withBench } from './browser.ts';
import { median } from './statistics.ts';
import type { BenchEntry } from './result.ts';

const layers = 256;
const side = 1024;
const weightBytes = side * side * 4;
const rounds = 7;
const mostMs = 300;
const mostMB = 50;

export const preflight: BenchEntry = {
  about: 'a model of 1 GB inspected from its file: <= 300 ms, with < 50 MB of memory',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'weir-preflight-'));
    const path = join(folder, 'large.onnx');
    const bytes = writeLarge(path);
    try {
      return await withBench(
        { roots: ['dist', await buildBare()] },
        async (bench) => {
          const page = await bench.openPage('/bare.html');
          await page.waitForFunction(() => 'bare' in window);
          await page.locator('input[type=file]').setInputFiles(path);
          const before = await pageMB(page);
          const looks = [];
          for (let i = 0; i < rounds; i++)
            looks.push(await page.evaluate(() => (window as never as { bare: Bare }).bare.preflight()));
          // Each reader still holds what it read, and its thread costs something too: all of it counts.
          const heldMB = ((await pageMB(page)) - before) / rounds;
          const [first] = looks;
          if (first?.parameters !== layers * side * side || first.nodes !== layers)
            throw new Error('The reader did not see the whole model.');
          const times = looks.map(({ ms }) => ms);
          const ms = median(times);
          return {
            table: [
              ['', 'found', 'limit'],
              ['inspected, ms', ms, String(mostMs)],
              ['with the table of nodes, ms', median(looks.map(({ describedMs }) => describedMs)), ''],
              ['memory held, MB', heldMB, String(mostMB)],
              ['read of the file, MB', first.bytesRead / 1e6, ''],
              ['size of the file, MB', bytes / 1e6, ''],
            ],
            figure: {
              value: ms,
              low: Math.min(...times),
              high: Math.max(...times),
              unit: 'ms',
              pass: ms <= mostMs && heldMB < mostMB,
            },
            details: { heldMB, bytes, bytesRead: first.bytesRead, times, browser: bench.version },
          };
        },
        [eagerMeasure],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function pageMB(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const measure = performance as never as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
    return (await measure.measureUserAgentSpecificMemory()).bytes / 1e6;
  });
}

/** A chain of matrix products whose matrices are never written: what lies between their heads stays a hole. */
function writeLarge(path: string): number {
  const nodes: Uint8Array[] = [];
  const heads: Uint8Array[] = [];
  for (let i = 0; i < layers; i++) {
    nodes.push(
      encode((w) =>
        nested(w, 1, () => {
          text(w, 1, i === 0 ? 'x' : `v${i}`);
          text(w, 1, `w${i}`);
          text(w, 2, i === layers - 1 ? 'y' : `v${i + 1}`);
          text(w, 4, 'MatMul');
        }),
      ),
    );
    const inner = encode((w) => {
      w.tag(1, WireType.Varint).int64(side).tag(1, WireType.Varint).int64(side).tag(2, WireType.Varint).int32(1);
      text(w, 8, `w${i}`);
      w.tag(9, WireType.LengthDelimited).uint32(weightBytes);
    });
    heads.push(
      Buffer.concat([encode((w) => w.tag(5, WireType.LengthDelimited).uint32(inner.length + weightBytes)), inner]),
    );
  }
  const value = (field: number, name: string) =>
    encode((w) =>
      nested(w, field, () => {
        text(w, 1, name);
        nested(w, 2, () =>
          nested(w, 1, () => {
            w.tag(1, WireType.Varint).int32(1);
            nested(w, 2, () => {
              for (const dim of [1, side]) nested(w, 1, () => w.tag(1, WireType.Varint).int64(dim));
            });
          }),
        );
      }),
    );
  const start = Buffer.concat([...nodes, encode((w) => text(w, 2, 'large')), value(11, 'x'), value(12, 'y')]);
  const graphBytes = start.length + heads.reduce((sum, head) => sum + head.length + weightBytes, 0);
  const file = openSync(path, 'w');
  let at = 0;
  const put = (bytes: Uint8Array) => {
    at += writeSync(file, bytes, 0, bytes.length, at);
  };
  put(encode((w) => w.tag(1, WireType.Varint).int64(8).tag(7, WireType.LengthDelimited).uint32(graphBytes)));
  put(start);
  for (const head of heads) {
    put(head);
    at += weightBytes;
  }
  put(
    encode((w) =>
      nested(w, 8, () => {
        text(w, 1, '');
        w.tag(2, WireType.Varint).int64(13);
      }),
    ),
  );
  closeSync(file);
  truncateSync(path, at);
  return at;
}

function encode(write: (w: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter();
  write(w);
  return w.finish();
}

function nested(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}
