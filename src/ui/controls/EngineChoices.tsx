/** The ways to run the model, measured on this machine when asked, and the one that serves. */
import { bestChoice, type MeasuredChoice } from '../../core/choices.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { capped, one } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import css from './controls.module.css';

const names = { webgpu: 'WebGPU', wasm: 'WASM' } as const;

export function EngineChoices({ ran }: { readonly ran: Snapshot['engine'] }) {
  const { rows, measuring, left } = useStation((state) => state.choices);
  const open = useStation((state) => state.model !== undefined);
  const verbs = useVerbs();
  const fastest = bestChoice(rows, 'throughput');
  const soonest = bestChoice(rows, 'latency');
  const serves = (row: MeasuredChoice) =>
    row.provider === ran.provider && row.sessions === ran.sessions && row.threads === ran.threads;
  return (
    <div className={css['choices']}>
      <div className={css['choicesHead']}>
        {measuring === undefined ? (
          <Button disabled={!open} onClick={verbs.measure}>
            Measure the ways to run it
          </Button>
        ) : (
          <Button onClick={() => verbs.commands.cancelMeasuring()}>
            Stop measuring ({measuring.index} of {measuring.of})
          </Button>
        )}
      </div>
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Sessions × threads</th>
              <th scope="col">frames/s</th>
              <th scope="col">ms</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={`${row.provider} ${row.sessions} ${row.threads}`}
                data-serves={serves(row) || undefined}
                aria-current={serves(row) || undefined}
              >
                <th scope="row">
                  {row.provider === 'webgpu' ? names.webgpu : `${names.wasm} ${row.sessions} × ${row.threads}`}
                </th>
                <td data-best={row === fastest || undefined}>{one(row.framesPerS)}</td>
                <td data-best={row === soonest || undefined}>{one(row.latencyMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {left.map((words) => (
        <p key={words}>{capped(words, 200)}</p>
      ))}
    </div>
  );
}
