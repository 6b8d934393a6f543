/** A tab that works a queue, in a browser process of its own, so that it can be killed as the system kills one. */
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { findBrowser, launchFlags } from '../scripts/browser.ts';
import type { SettingsChange } from '../src/core/settings.ts';
import type { WorkFacts } from '../src/core/work.ts';
import type {} from '../src/api/weir.ts';

export interface WorkerTab {
  readonly page: Page;
  work(): Promise<WorkFacts | undefined>;
  /** SIGKILL to its renderer; the tab is lost and with it all that it held. */
  kill(): Promise<void>;
  /** A new tab in the place of the one that was killed. */
  reopen(): Promise<void>;
  cdp(): Promise<CDPSession>;
  close(): Promise<void>;
}

export async function openWorkerTab(origin: string, hash: string, settings: SettingsChange): Promise<WorkerTab> {
  const found = findBrowser();
  if (found === undefined) throw new Error('There is no browser.');
  const browser: Browser = await chromium.launch({ executablePath: found.path, args: [...launchFlags()] });
  const kind = settings.source?.kind ?? 'nats';
  let page = await open();

  async function open(): Promise<Page> {
    const context = await browser.newContext();
    const opened = await context.newPage();
    await opened.goto(`${origin}/#${hash}`);
    await opened.waitForFunction(() => 'weir' in window);
    await opened.evaluate(async (change) => {
      await window.weir.configure(change);
      await window.weir.start();
    }, settings);
    return opened;
  }

  return {
    get page() {
      return page;
    },
    work: () => page.evaluate((of) => window.weir.snapshot().work?.[of], kind),
    async kill() {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      const crashed = new Promise((done) => page.once('crash', done));
      for (const { type, id } of processInfo) {
        if (type !== 'renderer') continue;
        try {
          process.kill(id, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      await crashed;
      await session.detach();
      await page.context().close();
    },
    async reopen() {
      page = await open();
    },
    cdp: () => page.context().newCDPSession(page),
    close: () => browser.close(),
  };
}
