/** Which browser is taken, and which is passed over. */
import { expect, test } from 'vitest';
import { findBrowser } from './browser.ts';
import type { BrowserHost } from './browserHost.ts';
import { findFirefox } from './firefox.ts';

function host(working: readonly string[], broken: readonly string[] = [], env: BrowserHost['env'] = {}): BrowserHost {
  return {
    env: { PATH: '/usr/bin:/opt/bin', ...env },
    platform: 'linux',
    playwrightPath: '/cache/chrome',
    exists: (path) => working.includes(path) || broken.includes(path),
    versionOf: (path) => (working.includes(path) ? 'Chromium 1' : undefined),
  };
}

test('a named browser wins, then Playwright’s own, then the system’s in order', () => {
  const all = ['/cache/chrome', '/usr/bin/google-chrome', '/opt/bin/chromium', '/my/chrome'];
  expect(findBrowser(host(all, [], { WEIR_BROWSER: '/my/chrome' }))?.path).toBe('/my/chrome');
  expect(findBrowser(host(all, [], { CHROME_PATH: '/my/chrome' }))?.origin).toBe('CHROME_PATH');
  expect(findBrowser(host(all))?.path).toBe('/cache/chrome');
  expect(findBrowser(host(all.slice(1)))?.path).toBe('/opt/bin/chromium');
});

test('one that is there but does not start is passed over', () => {
  expect(findBrowser(host(['/usr/bin/chromium'], ['/cache/chrome']))?.path).toBe('/usr/bin/chromium');
  expect(findBrowser(host([], ['/cache/chrome']))).toBeUndefined();
});

test('a named one that does not start is an error, not a reason to take another', () => {
  expect(() => findBrowser(host(['/cache/chrome'], [], { WEIR_BROWSER: '/gone' }))).toThrow('WEIR_BROWSER');
});

test('of Firefox the named one wins, then the long-term release; one that does not start is no Firefox', () => {
  const all = ['/usr/bin/firefox', '/opt/bin/firefox-esr', '/my/firefox'];
  expect(findFirefox(host(all, [], { WEIR_FIREFOX: '/my/firefox' }))?.origin).toBe('WEIR_FIREFOX');
  expect(findFirefox(host(all))?.path).toBe('/opt/bin/firefox-esr');
  expect(findFirefox(host([], ['/usr/bin/firefox']))).toBeUndefined();
  expect(() => findFirefox(host(all, [], { WEIR_FIREFOX: '/gone' }))).toThrow('WEIR_FIREFOX');
});
