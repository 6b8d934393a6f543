/**
 * `npm test` and `npm run check`: format, lint with the room rule, types, unit, build, e2e, then one line of totals.
 * It brings its own browser when there is none; a step that fails does not hide what the later ones have to say.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { requireBrowser } from './installBrowser.ts';
import { add, type Counts, fromPlaywright, fromVitest, none, summary } from './testCounts.ts';

const reports = 'test-results';
const unitReport = `${reports}/unit.json`;
const e2eReport = `${reports}/e2e.json`;

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Where the step counts its own tests; other steps count only when they fail. */
  readonly count?: () => Counts;
  readonly needs?: string;
}

const steps: readonly Step[] = [
  { name: 'format', command: ['npm', 'run', '-s', 'format'] },
  { name: 'lint', command: ['npm', 'run', '-s', 'lint'] },
  { name: 'types', command: ['npm', 'run', '-s', 'types'] },
  {
    name: 'unit',
    command: ['npx', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`],
    count: () => fromVitest(readFileSync(unitReport, 'utf8')),
  },
  { name: 'build', command: ['npm', 'run', '-s', 'build', '--', '--logLevel', 'warn'] },
  {
    name: 'e2e',
    command: ['npx', 'playwright', 'test', '--reporter=list,json'],
    count: () => fromPlaywright(readFileSync(e2eReport, 'utf8')),
    needs: 'build',
  },
];

mkdirSync(reports, { recursive: true });
for (const report of [unitReport, e2eReport]) rmSync(report, { force: true });

let browserPath: string | undefined;
let total = none;
try {
  const browser = requireBrowser();
  browserPath = browser.path;
  console.log(`Browser: ${browser.path} (${browser.origin})`);
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
  const ok = run(step.command);
  console.log(`== ${step.name}: ${ok ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) failed.push(step.name);
  total = add(total, countOf(step, ok));
}

console.log('');
if (failed.length > 0) console.log(`Failed steps: ${failed.join(', ')}`);
console.log(summary(total));
process.exitCode = failed.length > 0 || total.failed > 0 ? 1 : 0;

function run([command, ...args]: readonly string[]): boolean {
  const { status } = spawnSync(command ?? '', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, WEIR_BROWSER: browserPath, PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport },
  });
  return status === 0;
}

/** A failed step counts at least once, so that the totals never look green beside a red step. */
function countOf(step: Step, ok: boolean): Counts {
  const report = step.name === 'unit' ? unitReport : e2eReport;
  const counted = step.count !== undefined && existsSync(report) ? step.count() : none;
  return !ok && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}
