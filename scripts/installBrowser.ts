/**
 * Finds a browser or fetches one, and says what it does: Playwright's Chromium first, then the distribution's.
 * Only root on Debian or Ubuntu can do the second; everybody else gets one sentence.
 */
import { aptInstall, canAptInstall } from './aptInstall.ts';
import { findBrowser, whatToDo } from './browser.ts';
import type { FoundBrowser } from './browserHost.ts';
import { runVisibly } from './runVisibly.ts';

/** @throws Error with one sentence that says what to do */
export function requireBrowser(say: (line: string) => void = console.log): FoundBrowser {
  const found = findBrowser();
  if (found !== undefined) return found;
  const playwright = (...args: string[]) => ({
    name: `playwright ${args.join(' ')}`,
    run: () => runVisibly(['npx', 'playwright', ...args]),
  });
  const ways = [playwright('install', '--no-shell', 'chromium')];
  if (canAptInstall()) {
    ways.push(
      { name: 'apt-get install -y chromium', run: () => aptInstall(['chromium']) },
      // Where the distribution has no such package, the libraries that Playwright's own lacks may be all that is missing.
      playwright('install-deps', 'chromium'),
    );
  }
  for (const { name, run } of ways) {
    say(`No Chrome or Chromium was found; running: ${name}`);
    const done = run();
    const installed = done ? findBrowser() : undefined;
    if (installed !== undefined) return installed;
    say(done ? 'It was installed but does not start.' : 'That did not work.');
  }
  throw new Error(whatToDo);
}
