/**
 * Finds a browser or fetches one, and says what it does: Playwright's Chromium first, then the distribution's.
 * Only root on Debian or Ubuntu can do the second; everybody else gets one sentence.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type FoundBrowser, findBrowser, whatToDo } from './browser.ts';

/** @throws Error with one sentence that says what to do */
export function requireBrowser(say: (line: string) => void = console.log): FoundBrowser {
  const found = findBrowser();
  if (found !== undefined) return found;
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  const ways: { readonly name: string; readonly commands: readonly (readonly string[])[] }[] = [
    { name: 'playwright install chromium', commands: [['npx', 'playwright', 'install', '--no-shell', 'chromium']] },
  ];
  if (isDebianRoot) {
    ways.push(
      { name: 'apt-get install -y chromium', commands: aptGet(['chromium']) },
      // Where the distribution has no such package, the libraries that Playwright's own lacks may be all that is missing.
      { name: 'playwright install-deps chromium', commands: [['npx', 'playwright', 'install-deps', 'chromium']] },
    );
  }
  for (const { name, commands } of ways) {
    say(`No Chrome or Chromium was found; running: ${name}`);
    const done = commands.every((command) => run(command));
    const installed = done ? findBrowser() : undefined;
    if (installed !== undefined) return installed;
    say(done ? 'It was installed but does not start.' : 'That did not work.');
  }
  throw new Error(whatToDo);
}

function aptGet(packages: readonly string[]): string[][] {
  return [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages],
  ];
}

function run([command, ...args]: readonly string[]): boolean {
  const { status } = spawnSync(command ?? '', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
    shell: process.platform === 'win32',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}
