/**
 * `npm run prove -- NAME`: claims that take long, in their long form; CI runs the short forms. Without a name it lists them.
 * A proof is a browser test under another clock, so that both can never say different things; or a script of its own
 * where CI has no part in it.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

interface Proof {
  readonly about: string;
  /** Arguments of Playwright, or else a script of its own. */
  readonly tests?: readonly string[];
  readonly script?: string;
}

const proofs: Readonly<Record<string, Proof>> = {
  camera: {
    about: '60 s of camera under overload at full rate, and no gap while the page is blocked for 1 s',
    tests: ['--project=camera', 'camera.spec.ts'],
  },
  recovery: {
    about:
      'an engine that hangs, throws, ends or runs out of memory twenty times: right results, exact counts, back within 3 s',
    tests: ['--project=page', '--project=webgpu', 'recovery.spec.ts', 'webgpu.spec.ts', '-g', 'harmed|lost twice'],
  },
  leak: {
    about: 'ten minutes at full rate with another model every 20 s, on WASM and on WebGPU: nothing is left behind',
    tests: ['--project=page', '--project=webgpu', 'leak.spec.ts'],
  },
  chaos: {
    about:
      'tabs, broker and links killed while a queue is worked: nothing is lost (--broker nats|rabbitmq --messages 20000)',
    tests: ['--project=page', 'chaos.spec.ts'],
  },
  training: {
    about: 'the built-in detector is made from nothing, with a handful of frames (needs Python, fetches PyTorch once)',
    script: 'training/prove.ts',
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { broker: { type: 'string' }, messages: { type: 'string' } },
});
const [name] = positionals;
const proof = name === undefined ? undefined : proofs[name];
if (name === undefined) {
  for (const [each, { about }] of Object.entries(proofs)) console.log(`${each.padEnd(10)} ${about}`);
} else if (proof === undefined) {
  console.error(`There is no proof "${name}"; these are: ${Object.keys(proofs).join(', ')}.`);
  process.exitCode = 1;
} else {
  const command = proof.script === undefined ? ['playwright', 'test', ...(proof.tests ?? [])] : ['tsx', proof.script];
  const { status } = spawnSync('npx', command, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      WEIR_LONG: '1',
      ...(values.broker === undefined ? {} : { WEIR_CHAOS_BROKER: values.broker }),
      ...(values.messages === undefined ? {} : { WEIR_CHAOS_MESSAGES: values.messages }),
    },
  });
  process.exitCode = status ?? 1;
}
