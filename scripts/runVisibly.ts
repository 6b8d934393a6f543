/** Runs an installer with its output shown, for at most five minutes; it asks no questions. */
import { spawnSync } from 'node:child_process';

export function runVisibly([command, ...args]: readonly string[]): boolean {
  const { status } = spawnSync(command ?? '', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
    shell: process.platform === 'win32',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}
