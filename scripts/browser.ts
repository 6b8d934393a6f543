/**
 * Finds a Chrome or Chromium for tests and benches: the one that was named, Playwright's own, one of the system.
 * A candidate counts only when it starts, as Playwright's own lacks system libraries on bare machines.
 */
import { type BrowserHost, firstThatStarts, type FoundBrowser, onPath, systemHost } from './browserHost.ts';

const variables = ['WEIR_BROWSER', 'CHROME_PATH'] as const;
const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** @throws Error when a variable names a browser that does not start: silence would test another one. */
export function findBrowser(host: BrowserHost = systemHost()): FoundBrowser | undefined {
  return firstThatStarts(host, variables, [
    { path: host.playwrightPath, origin: "Playwright's own" },
    ...systemPaths(host).map((path) => ({ path, origin: 'installed on the system' })),
  ]);
}

function systemPaths(host: BrowserHost): string[] {
  const { env, platform } = host;
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
  return onPath(host, commands);
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
