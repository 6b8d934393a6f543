import { expect, test } from 'vitest';
import { byOperator } from '../core/profile.ts';
import { readProfile } from './readProfile.ts';

const node = (name: string, op: string, dur: number) => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur,
  args: { op_name: op, provider: 'CPUExecutionProvider', output_type_shape: [{ float: [1, 8] }] },
});
const run = (dur: number) => ({ cat: 'Session', name: 'model_run', dur });

test('means of the later half of the runs, each node by itself, summed by operator', () => {
  const cold = [node('a', 'Conv', 9000), node('b', 'Conv', 9000), node('c', 'Relu', 9000), run(30_000)];
  const first = [node('a', 'Conv', 2000), node('b', 'Conv', 1000), node('c', 'Relu', 100), run(4000)];
  const second = [node('a', 'Conv', 4000), node('b', 'Conv', 1000), node('c', 'Relu', 300), run(6000)];
  const session = { cat: 'Session', name: 'model_loading_array', dur: 5 };
  const { runs, runMs, nodes } = readProfile(JSON.stringify([session, ...cold, ...cold, ...first, ...second]));
  expect([runs, runMs]).toEqual([2, 5]);
  expect(nodes.map(({ name, ms }) => [name, ms])).toEqual([
    ['a', 3],
    ['b', 1],
    ['c', 0.2],
  ]);
  expect(nodes[0]).toMatchObject({ op: 'Conv', provider: 'CPUExecutionProvider', output: 'float [1, 8]' });
  expect(byOperator(nodes)).toEqual([
    { op: 'Conv', count: 2, ms: 4 },
    { op: 'Relu', count: 1, ms: 0.2 },
  ]);
});

test('on a GPU with a clock a node takes as long as its dispatches', () => {
  const dispatch = (name: string, dur: number) => ({ cat: 'Api', name, dur });
  const once = [node('a', 'Conv', 50), node('b', 'Relu', 40), run(9000)];
  const gpu = [dispatch('a&Conv&Pad', 250), dispatch('a&Conv&MatMul', 500)];
  const { clock, nodes } = readProfile(
    JSON.stringify([...once, ...once, dispatch('a&Conv&Pad', 5000), dispatch('a&Conv&MatMul', 9000), ...gpu]),
  );
  expect(clock).toBe('gpu');
  expect(nodes.map(({ name, ms }) => [name, ms])).toEqual([
    ['a', 0.75],
    ['b', 0],
  ]);
});

test('a profile without a run is refused', () => {
  expect(() => readProfile('[]')).toThrow(/no run/);
});
