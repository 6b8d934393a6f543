/**
 * ONNX Runtime's profile (Chrome trace events, times in us) to the mean time of each node. Early runs are left out: they
 * are compiled better while they run.
 */
import type { NodeTime, Profile } from '../core/profile.ts';

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const suffix = '_kernel_time';

/** @throws SyntaxError when the text is no JSON; an Error when it holds no run */
export function readProfile(text: string): Pick<Profile, 'clock' | 'runs' | 'runMs' | 'nodes'> {
  const events = JSON.parse(text) as ProfileEvent[];
  const runs: { nodes: ProfileEvent[]; ms: number }[] = [];
  let nodes: ProfileEvent[] = [];
  for (const event of events) {
    if (event.cat === 'Node' && event.name?.endsWith(suffix) === true) nodes.push(event);
    else if (event.cat === 'Session' && event.name === 'model_run') {
      // It is written when it ends, after its nodes.
      runs.push({ nodes, ms: (event.dur ?? 0) / 1000 });
      nodes = [];
    }
  }
  const counted = runs.slice(Math.floor(runs.length / 2));
  if (counted.length === 0) throw new Error('The profile holds no run.');
  const sums = new Map<string, { of: NodeTime; ms: number }>();
  for (const run of counted)
    for (const event of run.nodes) {
      const of = nodeOf(event);
      const sum = sums.get(of.name) ?? { of, ms: 0 };
      sum.ms += of.ms;
      sums.set(of.name, sum);
    }
  const gpu = gpuTimes(events, runs.length);
  return {
    clock: gpu.size > 0 ? 'gpu' : 'cpu',
    runs: counted.length,
    runMs: counted.reduce((sum, { ms }) => sum + ms, 0) / counted.length,
    // Where the GPU has a clock, what the CPU took to hand it the work is not the node's time.
    nodes: [...sums.values()].map(({ of, ms }) => ({
      ...of,
      ms: gpu.get(of.name) ?? (gpu.size > 0 ? 0 : ms / counted.length),
    })),
  };
}

/** Dispatches on the GPU, `node&operator&program` each: ms a run by node, of the later half of all runs. */
function gpuTimes(events: readonly ProfileEvent[], runs: number): Map<string, number> {
  const programs = new Map<string, number[]>();
  for (const { cat, name = '', dur = 0 } of events) {
    if (cat !== 'Api') continue;
    const times = programs.get(name) ?? [];
    times.push(dur / 1000);
    programs.set(name, times);
  }
  const nodes = new Map<string, number>();
  for (const [name, times] of programs) {
    const later = times.slice(Math.floor(times.length / 2));
    const meanMs = later.reduce((sum, ms) => sum + ms, 0) / later.length;
    const node = name.slice(0, name.indexOf('&'));
    nodes.set(node, (nodes.get(node) ?? 0) + (meanMs * times.length) / runs);
  }
  return nodes;
}

function nodeOf({ name = '', dur = 0, args = {} }: ProfileEvent): NodeTime {
  return {
    name: name.slice(0, -suffix.length),
    op: wordOf(args['op_name']) || '?',
    provider: wordOf(args['provider']),
    ms: dur / 1000,
    output: shapeOf(args['output_type_shape']),
  };
}

const wordOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** `[{"float": [1, 8, 28, 28]}]` */
function shapeOf(shapes: unknown): string {
  const first: unknown = Array.isArray(shapes) ? shapes[0] : undefined;
  if (typeof first !== 'object' || first === null) return '';
  const [entry] = Object.entries(first as Record<string, readonly number[]>);
  return entry === undefined ? '' : `${entry[0]} [${entry[1].join(', ')}]`;
}
