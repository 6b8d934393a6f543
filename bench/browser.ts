/** Launches the built page for benches, as the tests do: found browser, production host, headless, one viewport. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from '@playwright/test';
import { Station } from '../e2e/station.ts';
import { findBrowser, launchFlags, whatToDo } from '../scripts/browser.ts';
import { type Host, type HostOptions, startHost } from '../server/host.ts';

export interface Bench {
  readonly browser: Browser;
  readonly version: string;
  readonly host: Host;
  openStation(hash?: string): Promise<Station>;
  openPage(path: string): Promise<Page>;
}

/** tsx marks functions with a helper that a page or worker does not have; evaluate this there first. */
export const keptNames = 'globalThis.__name = (value) => value';

/** The measure of memory otherwise waits for the browser's next collection, up to half a minute. */
export const eagerMeasure = '--enable-blink-features=ForceEagerMeasureMemory';

/** Of the page and all its workers, ArrayBuffers and WASM memory included, after a collection. */
export async function heapMB({ page }: Station): Promise<number> {
  const bytes = await page.evaluate(async () => {
    const measure = performance as never as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
    return (await measure.measureUserAgentSpecificMemory()).bytes;
  });
  return bytes / 1e6;
}

/** Runs `work` with a browser and a host, and ends both whatever happens; `flags` are added to those of every launch. */
export async function withBench<T>(
  options: HostOptions,
  work: (bench: Bench) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  if (!existsSync('dist/index.html')) throw new Error('The page is not built yet: run "npm run build".');
  const found = findBrowser();
  if (found === undefined) throw new Error(`${whatToDo} "npm test" fetches one by itself.`);
  const host = await startHost(options);
  const browser = await chromium.launch({ executablePath: found.path, args: [...launchFlags(), ...flags] });
  const newPage = async () => {
    // A context of its own is a window of its own: no page hides another.
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript(keptNames);
    return context.newPage();
  };
  try {
    return await work({
      browser,
      version: browser.version(),
      host,
      async openStation(hash) {
        const station = new Station(await newPage(), host.url);
        await station.open(hash);
        return station;
      },
      async openPage(path) {
        const page = await newPage();
        await page.goto(`${host.url}${path}`);
        return page;
      },
    });
  } finally {
    await browser.close();
    await host.close();
  }
}
