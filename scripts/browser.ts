/**
 * Finds a Chrome or Chromium for tests and benches: the one that was named, Playwright's own, one of the system.
 * A candidate counts only when it starts, as Playwright's own lacks system libraries on bare machines.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

export interface FoundBrowser {
  readonly path: string;
  /** Where it came from, in words. */
  readonly origin: string;
}

export interface BrowserHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly playwrightPath: string;
  exists(path: string): boolean;
  /** The version text, or undefined when it does not start. */
  versionOf(path: string): string | undefined;
}

const variables = ['WEIR_BROWSER', 'CHROME_PATH'] as const;
const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** @throws Error when a variable names a browser that does not start: silence would test another one. */
export function findBrowser(host: BrowserHost = systemHost()): FoundBrowser | undefined {
  for (const variable of variables) {
    const path = host.env[variable];
    if (path === undefined || path === '') continue;
    if (host.exists(path) && host.versionOf(path) !== undefined) return { path, origin: variable };
    throw new Error(`${variable} is "${path}", which is no browser that starts: correct or unset it.`);
  }
  const candidates: FoundBrowser[] = [
    { path: host.playwrightPath, origin: "Playwright's own" },
    ...systemPaths(host).map((path) => ({ path, origin: 'installed on the system' })),
  ];
  return candidates.find(({ path }) => path !== '' && host.exists(path) && host.versionOf(path) !== undefined);
}

function systemPaths({ env, platform }: BrowserHost): string[] {
  if (platform === 'darwin') {
    return ['', env['HOME'] ?? ''].flatMap((home) => [
      `${home}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
      `${home}/Applications/Chromium.app/Contents/MacOS/Chromium`,
    ]);
  }
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
      const folder = env[name];
      return folder === undefined ? [] : [`${folder}\\Google\\Chrome\\Application\\chrome.exe`];
    });
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
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

export const whatToDo =
  'No Chrome or Chromium was found and none could be installed: install one, or name one with WEIR_BROWSER=/path/to/chrome.';

/** Flags of every launch; root has no sandbox, and nothing but the page may use the network. */
export function launchFlags(): string[] {
  return [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

/** WebGPU in software: it proves correctness, never speed. */
export const softwareGpuFlags = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--disable-vulkan-surface',
];

/** A camera that plays `video` (MJPEG or Y4M), or Chromium's own test picture; permission is granted. */
export function fakeCameraFlags(video: string | undefined): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    ...(video === undefined ? [] : [`--use-file-for-fake-video-capture=${video}`]),
  ];
}
