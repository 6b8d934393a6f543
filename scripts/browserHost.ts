/**
 * What a search for a browser asks of the machine, and the rule of the search: a named one, or the first that starts.
 * Tests give a machine of their own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

export interface FoundBrowser {
  readonly path: string;
  /** Where it came from, in words. */
  readonly origin: string;
  /** What it says of itself, e.g. "Mozilla Firefox 140.4.0esr". */
  readonly version: string;
}

export interface BrowserHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly playwrightPath: string;
  exists(path: string): boolean;
  /** The version text, or undefined when it does not start. */
  versionOf(path: string): string | undefined;
}

export function systemHost(): BrowserHost {
  return {
    env: process.env,
    platform: process.platform,
    playwrightPath: chromium.executablePath(),
    exists: existsSync,
    versionOf(path) {
      // On Windows `--version` opens a window instead of answering.
      if (process.platform === 'win32') return 'unknown version';
      const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
      return status === 0 ? stdout.trim() : undefined;
    },
  };
}

/** @throws Error when a variable names a browser that does not start: silence would test another one. */
export function firstThatStarts(
  host: BrowserHost,
  variables: readonly string[],
  candidates: readonly { readonly path: string; readonly origin: string }[],
): FoundBrowser | undefined {
  const started = (path: string, origin: string): FoundBrowser | undefined => {
    const version = path !== '' && host.exists(path) ? host.versionOf(path) : undefined;
    return version === undefined ? undefined : { path, origin, version };
  };
  for (const variable of variables) {
    const path = host.env[variable];
    if (path === undefined || path === '') continue;
    const named = started(path, variable);
    if (named !== undefined) return named;
    throw new Error(`${variable} is "${path}", which is no browser that starts: correct or unset it.`);
  }
  for (const { path, origin } of candidates) {
    const found = started(path, origin);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where each command would be, the first command first. */
export function onPath(host: BrowserHost, commands: readonly string[]): string[] {
  const folders = (host.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
}
