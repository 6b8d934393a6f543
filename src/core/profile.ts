/** How long each operator of a model takes, as the runtime itself measured it. */

export interface NodeTime {
  readonly name: string;
  readonly op: string;
  /** Where it ran, in the runtime's words, such as "CPUExecutionProvider". */
  readonly provider: string;
  /** Mean of the runs that counted, ms. */
  readonly ms: number;
  /** First output, such as "float [1, 8, 28, 28]"; empty where the runtime does not tell. */
  readonly output: string;
}

export interface Profile {
  readonly model: string;
  readonly provider: 'wasm' | 'webgpu';
  readonly threads: number;
  /** Whose clock timed the operators: the CPU's, or the GPU's own where it has one. */
  readonly clock: 'cpu' | 'gpu';
  /** Runs that the means are of. */
  readonly runs: number;
  /** Of a whole run, with what lies between the operators, ms; profiling itself slows it. */
  readonly runMs: number;
  /** In the order in which they ran. */
  readonly nodes: readonly NodeTime[];
}

export interface OperatorTime {
  readonly op: string;
  readonly count: number;
  readonly ms: number;
}

/** Summed by type of operator, longest first. */
export function byOperator(nodes: readonly NodeTime[]): OperatorTime[] {
  const sums = new Map<string, { op: string; count: number; ms: number }>();
  for (const { op, ms } of nodes) {
    const sum = sums.get(op) ?? { op, count: 0, ms: 0 };
    sum.count += 1;
    sum.ms += ms;
    sums.set(op, sum);
  }
  return [...sums.values()].sort((a, b) => b.ms - a.ms);
}
