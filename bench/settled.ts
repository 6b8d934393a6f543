/**
 * The stamps of every delivery that is settled, read by a probe that the bench's host adds to the worker script where a
 * delivery is settled; the page is as built.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Worker } from '@playwright/test';
import type { Station } from '../e2e/station.ts';
import type { Stamps } from '../src/core/delivery.ts';
import { keptNames } from './browser.ts';

export type Row = Stamps & { readonly outcome: string };

/** Where a delivery is settled, whatever the minifier called the rest. Settling is in one place, so it must match once. */
const settling = /this\.stamps\.settled=([\w$]+)/g;

/** For `HostOptions.replace`. */
export function settledProbe(path: string): string | undefined {
  if (!/pipeline\.worker-[\w-]+\.js$/.test(path)) return undefined;
  return readFileSync(`dist${path}`, 'utf8').replace(settling, '(this.stamps.settled=$1,self.benchSettled?.(this))');
}

function probeFits(): boolean {
  const name = readdirSync('dist/assets').find((file) => /^pipeline\.worker-.*\.js$/.test(file));
  return name !== undefined && [...readFileSync(`dist/assets/${name}`, 'utf8').matchAll(settling)].length === 1;
}

export function workerOf(station: Station, name: 'pipeline' | 'engine'): Worker {
  const worker = station.page.workers().find((each) => each.url().includes(`${name}.worker`));
  if (worker === undefined) throw new Error(`The ${name} worker was not found: not sound.`);
  return worker;
}

/** What was settled while `work` went on, in order. */
export async function settledDuring(station: Station, work: () => Promise<unknown>): Promise<readonly Row[]> {
  if (!probeFits()) throw new Error('The probe does not fit the built pipeline worker: not sound.');
  const worker = workerOf(station, 'pipeline');
  await worker.evaluate(keptNames);
  await worker.evaluate(() => {
    const rows: unknown[] = [];
    Object.assign(self, {
      benchRows: rows,
      benchSettled: (delivery: { stamps: object; outcome: { kind: string } }) =>
        rows.push({ stamps: delivery.stamps, outcome: delivery.outcome.kind }),
    });
  });
  await work();
  const rows = await worker.evaluate(() => {
    const { benchRows } = self as never as { benchRows: { stamps: Stamps; outcome: string }[] };
    Object.assign(self, { benchRows: undefined, benchSettled: undefined });
    return benchRows.map(({ stamps, outcome }) => ({ ...stamps, outcome }));
  });
  return rows as readonly Row[];
}
