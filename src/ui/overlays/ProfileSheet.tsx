/** Where a run of the model spends its time: by type of operator, and by node. */
import { useState } from 'react';
import { byOperator, type Profile } from '../../core/profile.ts';
import { capped, one, percent } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { openOverlay } from '../verbs.ts';
import { Sheet } from './Sheet.tsx';
import css from './overlays.module.css';

const views = [
  { value: 'operators', label: 'Operators' },
  { value: 'nodes', label: 'Nodes' },
] as const;
type View = (typeof views)[number]['value'];

export function ProfileSheet() {
  const profile = useStation((state) => state.profile);
  const verbs = useVerbs();
  const [by, setBy] = useState<View>('operators');
  return (
    <Sheet title={`Profile${profile === undefined ? '' : ` of ${capped(profile.model, 60)}`}`}>
      <div className={css['dialogBody']}>
        {profile === undefined ? (
          <p>No profile was made of this model yet.</p>
        ) : (
          <>
            <p className={css['profileFacts']}>{factsOf(profile)}</p>
            <div className={css['profileHead']}>
              <Segmented label="Times by" value={by} options={views} onChange={setBy} />
              <Button
                onClick={() => {
                  openOverlay('none');
                  void verbs.profile();
                }}
              >
                Profile again
              </Button>
            </div>
            <div className={css['profileTable']}>
              {by === 'operators' ? <Operators of={profile} /> : <Nodes of={profile} />}
            </div>
          </>
        )}
      </div>
    </Sheet>
  );
}

function factsOf({ provider, threads, runs, runMs, nodes, clock }: Profile): string {
  const inside = nodes.reduce((sum, { ms }) => sum + ms, 0);
  const on = provider === 'webgpu' ? 'WebGPU' : `WASM, ${threads} thread${threads === 1 ? '' : 's'}`;
  const between = Math.max(0, runMs - inside);
  const by =
    clock === 'gpu'
      ? ' Operators are timed by the GPU itself.'
      : provider === 'webgpu'
        ? ' This GPU has no clock: operators show what the CPU took to hand them over.'
        : '';
  return `${on}: mean of ${runs} warm runs, ${one(runMs)} ms each, ${one(between)} ms of it between operators. Profiling slows a run.${by}`;
}

function Operators({ of: { nodes, runMs } }: { readonly of: Profile }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Operator</th>
          <th scope="col">Nodes</th>
          <th scope="col">ms</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {byOperator(nodes).map(({ op, count, ms }) => (
          <tr key={op}>
            <th scope="row">{capped(op, 60)}</th>
            <td>{count}</td>
            <td>{ms.toFixed(3)}</td>
            <td>{percent(ms / runMs, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Nodes({ of: { nodes, runMs } }: { readonly of: Profile }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Output</th>
          <th scope="col">ms</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {[...nodes]
          .sort((a, b) => b.ms - a.ms)
          .map(({ name, op, output, provider, ms }) => (
            <tr key={name}>
              <th scope="row" title={`${name}, ${provider}`}>
                {capped(name, 48)} <span>{capped(op, 30)}</span>
              </th>
              <td>{capped(output, 40)}</td>
              <td>{ms.toFixed(3)}</td>
              <td>{percent(ms / runMs, 1)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
