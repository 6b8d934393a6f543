/**
 * Finds a Firefox for the smoke test: the one that was named, or one of the system, the long-term release first.
 * It is a second browser: where there is none, its tests are skipped and say so.
 */
import { type BrowserHost, firstThatStarts, type FoundBrowser, onPath, systemHost } from './browserHost.ts';

/** @throws Error when WEIR_FIREFOX names one that does not start: silence would test another one. */
export function findFirefox(host: BrowserHost = systemHost()): FoundBrowser | undefined {
  const candidates = systemPaths(host).map((path) => ({ path, origin: 'installed on the system' }));
  return firstThatStarts(host, ['WEIR_FIREFOX'], candidates);
}

function systemPaths(host: BrowserHost): string[] {
  const { env, platform } = host;
  if (platform === 'darwin')
    return ['', env['HOME'] ?? ''].map((home) => `${home}/Applications/Firefox.app/Contents/MacOS/firefox`);
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
      const folder = env[name];
      return folder === undefined ? [] : [`${folder}\\Mozilla Firefox\\firefox.exe`];
    });
  }
  return onPath(host, ['firefox-esr', 'firefox']);
}

export const noFirefox =
  'No Firefox was found: install firefox-esr or Firefox, or name one with WEIR_FIREFOX=/path/to/firefox.';
