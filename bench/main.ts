/** `npm run bench -- NAME`: ratios and limits of the built page in a real browser. Without a name it lists them. */
import { accuracy } from './accuracy.ts';
import { cold } from './cold.ts';
import { decode } from './decode.ts';
import { flow } from './flow.ts';
import { gpu } from './gpu.ts';
import { naive } from './naive.ts';
import { overhead } from './overhead.ts';
import { leak } from './leak.ts';
import { open } from './open.ts';
import { overload } from './overload.ts';
import { page } from './page.ts';
import { parity } from './parity.ts';
import { type BenchEntry, formatTable, jsonLine, NothingToMeasure } from './result.ts';
import { peers } from './peers.ts';
import { pool } from './pool.ts';
import { preflight } from './preflight.ts';
import { prepare } from './prepare.ts';
import { repair } from './repair.ts';
import { queue } from './queue.ts';
import { size } from './size.ts';
import { sources } from './sources.ts';

const benches: Readonly<Record<string, BenchEntry>> = {
  parity,
  naive,
  prepare,
  decode,
  pool,
  cold,
  open,
  peers,
  gpu,
  overload,
  flow,
  overhead,
  page,
  size,
  sources,
  leak,
  queue,
  accuracy,
  repair,
  preflight,
};

const name = process.argv[2];
const entry = name === undefined ? undefined : benches[name];
if (name === undefined) {
  for (const [each, { about }] of Object.entries(benches)) console.log(`${each.padEnd(10)} ${about}`);
} else if (entry === undefined) {
  console.error(`There is no bench "${name}"; these are: ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 1;
} else {
  try {
    const result = await entry.run();
    console.log(formatTable(result.table));
    console.log(jsonLine(name, result));
  } catch (error) {
    // A run that was not sound gives no figure.
    const plain = error instanceof NothingToMeasure ? error.message : undefined;
    console.error(plain ?? (error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}
