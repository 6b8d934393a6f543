/** A browser whose storage lies on the disk, as a person's does: it can be closed, opened again, filled and cleared. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { findBrowser, launchFlags, whatToDo } from '../scripts/browser.ts';
import { Station } from './station.ts';

export interface BrowserOnDisk {
  readonly context: () => BrowserContext;
  /** A tab of its own. */
  tab(origin: string): Promise<Station>;
  /** Closed and opened again: what was in memory is gone. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openBrowserOnDisk(): Promise<BrowserOnDisk> {
  const browser = findBrowser();
  if (browser === undefined) throw new Error(whatToDo);
  const folder = mkdtempSync(join(tmpdir(), 'weir-profile-'));
  const launch = () =>
    chromium.launchPersistentContext(folder, {
      executablePath: browser.path,
      args: launchFlags(),
      viewport: { width: 1440, height: 900 },
    });
  let context = await launch();
  return {
    context: () => context,
    tab: async (origin) => new Station(await context.newPage(), origin),
    async restart() {
      await context.close();
      context = await launch();
    },
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
