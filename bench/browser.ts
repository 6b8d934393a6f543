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

/** Runs `work` with a browser and a host, and ends both whatever happens. */
export async function withBench<T>(options: HostOptions, work: (bench: Bench) => Promise<T>): Promise<T> {
  if (!existsSync('dist/index.html')) throw new Error('The page is not built yet: run "npm run build".');
  const found = findBrowser();
  if (found === undefined) throw new Error(`${whatToDo} "npm test" fetches one by itself.`);
  const host = await startHost(options);
  const browser = await chromium.launch({ executablePath: found.path, args: launchFlags() });
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
