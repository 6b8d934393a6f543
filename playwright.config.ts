/**
 * Browser tests on the built page, one at a time: most of them measure, and two at once would measure each other.
 * Three launches of the same browser: plain, with WebGPU in software, and with a camera that plays a file; Firefox, which
 * its tests launch by themselves, beside them.
 */
import { defineConfig } from '@playwright/test';
import { fixture } from './e2e/fixtures.ts';
import { fakeCameraFlags, findBrowser, launchFlags, softwareGpuFlags, whatToDo } from './scripts/browser.ts';

const browser = findBrowser();
if (browser === undefined) throw new Error(`${whatToDo} "npm test" fetches one by itself.`);

const launch = (...flags: string[]) => ({
  launchOptions: { executablePath: browser.path, args: [...launchFlags(), ...flags] },
});

const onGpu = ['webgpu.spec.ts', 'goldenWebgpu.spec.ts', 'gpuPrepare.spec.ts', 'gpuRun.spec.ts'];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  timeout: 60_000,
  reporter: 'list',
  use: { viewport: { width: 1440, height: 900 }, trace: 'off' },
  projects: [
    {
      name: 'page',
      testIgnore: [
        'webgpu.spec.ts',
        'goldenWebgpu.spec.ts',
        'gpuPrepare.spec.ts',
        'gpuRun.spec.ts',
        'camera.spec.ts',
        'devices.spec.ts',
        'firefox.spec.ts',
      ],
      use: launch(),
    },
    {
      name: 'webgpu',
      testMatch: [...onGpu, 'leak.spec.ts'],
      use: launch(...softwareGpuFlags, ...fakeCameraFlags(undefined)),
    },
    {
      name: 'camera',
      testMatch: ['camera.spec.ts', 'devices.spec.ts'],
      use: launch(...fakeCameraFlags(fixture('media/video/car-detection.mjpeg'))),
    },
    { name: 'firefox', testMatch: 'firefox.spec.ts' },
  ],
});
