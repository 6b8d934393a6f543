/**
 * `npm test` and `npm run check`: format, lint with the room rule, types, unit, build, e2e, firefox, then one line of totals.
 * It brings its own browsers and brokers when there are none; a step that fails does not hide what the later ones have to say.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { offerBrokers } from './brokers/findBrokers.ts';
import type { FoundBrowser } from './browserHost.ts';
import { requireBrowser } from './installBrowser.ts';
import { offerFirefox } from './installFirefox.ts';
import { add, type Counts, fromPlaywright, fromVitest, none, summary } from './testCounts.ts';

const reports = 'test-results';
const reportOf = (step: string) => `${reports}/${step}.json`;

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Reads the step's own report, `test-results/NAME.json`; other steps count only when they fail. */
  readonly count?: (json: string) => Counts;
  readonly needs?: string;
}

const chromiumProjects = ['page', 'webgpu', 'camera'].map((name) => `--project=${name}`);

const steps: readonly Step[] = [
  { name: 'format', command: ['npm', 'run', '-s', 'format'] },
  { name: 'lint', command: ['npm', 'run', '-s', 'lint'] },
  { name: 'types', command: ['npm', 'run', '-s', 'types'] },
  {
    name: 'unit',
    command: ['npx', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportOf('unit')}`],
    count: fromVitest,
  },
  { name: 'build', command: ['npm', 'run', '-s', 'build', '--', '--logLevel', 'warn'] },
  {
    name: 'e2e',
    command: ['npx', 'playwright', 'test', ...chromiumProjects, '--reporter=list,json'],
    count: fromPlaywright,
    needs: 'build',
  },
  {
    name: 'firefox',
    command: ['npx', 'playwright', 'test', '--project=firefox', '--reporter=list,json'],
    count: fromPlaywright,
    needs: 'build',
  },
];

mkdirSync(reports, { recursive: true });
for (const { name } of steps) rmSync(reportOf(name), { force: true });

const environment: Record<string, string | undefined> = { ...process.env };
let total = none;
try {
  const browser = requireBrowser();
  environment['WEIR_BROWSER'] = browser.path;
  tell('Browser', browser);
  const firefox = offerFirefox();
  environment['WEIR_FIREFOX'] = firefox?.path;
  if (firefox !== undefined) tell('Firefox', firefox);
  offerBrokers();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const failed: string[] = [];
for (const step of steps) {
  if (step.needs !== undefined && failed.includes(step.needs)) {
    console.log(`\n== ${step.name}: not run, because ${step.needs} failed`);
    failed.push(step.name);
    total = add(total, { ...none, failed: 1 });
    continue;
  }
  console.log(`\n== ${step.name}`);
  const started = performance.now();
  const ok = run(step);
  console.log(`== ${step.name}: ${ok ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) failed.push(step.name);
  const counts = countOf(step, ok);
  if (step.count !== undefined) console.log(`== ${step.name}: ${summary(counts)}`);
  total = add(total, counts);
}

console.log('');
if (failed.length > 0) console.log(`Failed steps: ${failed.join(', ')}`);
console.log(summary(total));
process.exitCode = failed.length > 0 || total.failed > 0 ? 1 : 0;

function tell(what: string, { version, path, origin }: FoundBrowser): void {
  console.log(`${what}: ${version}, ${path} (${origin})`);
}

function run({ name, command: [command, ...args] }: Step): boolean {
  const { status } = spawnSync(command ?? '', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: reportOf(name) },
  });
  return status === 0;
}

/** A failed step counts at least once, so that the totals never look green beside a red step. */
function countOf({ name, count }: Step, ok: boolean): Counts {
  const report = reportOf(name);
  const counted = count !== undefined && existsSync(report) ? count(readFileSync(report, 'utf8')) : none;
  return !ok && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}
