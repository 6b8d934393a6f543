/** Whether two graphs gave the same outputs: |a - b| <= 1e-4 x max|b| + 1e-6 for each output b of the reference. */
import type { RepairCheck } from '../core/repair.ts';
import type { TensorValue } from '../core/tensor.ts';

const relative = 1e-4;
const absolute = 1e-6;

export function sameOutputs(got: readonly TensorValue[], reference: readonly TensorValue[]): RepairCheck {
  let worst = 0;
  for (const { name, dims, data } of reference) {
    const shown = name.slice(0, 60);
    const other = got.find((each) => each.name === name);
    if (other?.dims.join() !== dims.join()) return { status: 'differs', why: `Output ${shown} has another shape.` };
    let largest = 0;
    let furthest = 0;
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [Number(other.data[i]), Number(data[i])];
      // Neither NaN nor an infinity is its own neighbour.
      if (Object.is(a, b)) continue;
      const apart = Math.abs(a - b);
      furthest = Number.isNaN(apart) ? Infinity : Math.max(furthest, apart);
    }
    for (const value of data) largest = Math.max(largest, Math.abs(Number(value)) || 0);
    if (furthest > relative * (Number.isFinite(largest) ? largest : 0) + absolute)
      return {
        status: 'differs',
        why: `Output ${shown} differs by ${furthest.toPrecision(2)}, its largest value is ${largest.toPrecision(3)}.`,
      };
    if (largest > 0 && Number.isFinite(largest)) worst = Math.max(worst, furthest / largest);
  }
  return { status: 'agrees', worst };
}
