/**
 * `npm run prove -- NAME`: claims that take long, in their long form; CI runs the short forms. Without a name it lists them.
 * A proof is a browser test under another clock, so that both can never say different things.
 */
import { spawnSync } from 'node:child_process';

const proofs: Readonly<Record<string, { readonly about: string; readonly tests: readonly string[] }>> = {
  camera: {
    about: '60 s of camera under overload at full rate, and no gap while the page is blocked for 1 s',
    tests: ['--project=camera', 'camera.spec.ts'],
  },
};

const name = process.argv[2];
const proof = name === undefined ? undefined : proofs[name];
if (name === undefined) {
  for (const [each, { about }] of Object.entries(proofs)) console.log(`${each.padEnd(10)} ${about}`);
} else if (proof === undefined) {
  console.error(`There is no proof "${name}"; these are: ${Object.keys(proofs).join(', ')}.`);
  process.exitCode = 1;
} else {
  const { status } = spawnSync('npx', ['playwright', 'test', ...proof.tests], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, WEIR_LONG: '1' },
  });
  process.exitCode = status ?? 1;
}
