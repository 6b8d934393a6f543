/**
 * Finds Firefox or, as root on Debian, installs its long-term release; unlike Chromium it may be missing.
 * Whoever gets none is told why, and the smoke test counts as skipped.
 */
import { aptInstall, canAptInstall } from './aptInstall.ts';
import type { FoundBrowser } from './browserHost.ts';
import { findFirefox, noFirefox } from './firefox.ts';

/** @throws Error when WEIR_FIREFOX names one that does not start */
export function offerFirefox(say: (line: string) => void = console.log): FoundBrowser | undefined {
  const found = findFirefox();
  if (found !== undefined) return found;
  if (canAptInstall()) {
    say('No Firefox was found; running: apt-get install -y firefox-esr');
    const done = aptInstall(['firefox-esr']);
    const installed = done ? findFirefox() : undefined;
    if (installed !== undefined) return installed;
    say(done ? 'It was installed but does not start.' : 'That did not work.');
  }
  say(noFirefox);
  return undefined;
}
