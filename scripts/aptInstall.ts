/**
 * Installs packages of Debian or Ubuntu, which only root can do there; everybody else is told that it cannot be done.
 * Kept apart because two browsers come this way.
 */
import { existsSync } from 'node:fs';
import { runVisibly } from './runVisibly.ts';

export function canAptInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Whether every step said that it worked. */
export function aptInstall(packages: readonly string[]): boolean {
  return [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages],
  ].every((command) => runVisibly(command));
}
