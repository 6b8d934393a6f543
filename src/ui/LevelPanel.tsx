/** The service level: what the source and the eye experience, beside the percentiles of what was served. */
import { count, one, percent } from './format.ts';
import { Panel } from './parts/Panel.tsx';
import { useStation } from './StationContext.ts';
import css from './LevelPanel.module.css';

export function LevelPanel() {
  const { counts, latencyMs, jitterMs, ageMs, ratesPerS, missRatio } = useStation((state) => state.snapshot);
  const live = useStation((state) => state.live);
  const flow = useStation((state) => state.settings.flow);
  const none = counts.completed === 0;
  const { offered } = latencyMs;
  const ms = (value: number | undefined) => (none || value === undefined ? '–' : `${one(value)} ms`);
  const law = live?.utilisationLaw;
  const breached = flow.deadlineMs !== null && missRatio > flow.maxMissRatio;
  const rows: readonly (readonly [name: string, value: string, what: string, weak?: boolean])[] = [
    [
      'p99 of offered',
      none ? '–' : offered.p99 === null ? 'not served' : `${one(offered.p99)} ms`,
      'Over all that were offered: a frame that was dropped or failed counts as infinite.',
      !offered.valid.p99,
    ],
    ['Goodput', none ? '–' : `${one(ratesPerS.goodput)} /s`, 'Results within the deadline.'],
    [
      'Misses',
      none ? '–' : `${percent(missRatio, 1)}${breached ? ` of ${percent(flow.maxMissRatio, 1)}` : ''}`,
      'Late, dropped and failed among those that ended.',
    ],
    ['Jitter', none ? '–' : `${one(jitterMs.deviation)} ms`, 'Standard deviation of the response time.'],
    ['p99 − p50', ms(jitterMs.spread), 'Of the response time.'],
    ['Gap p99', ms(jitterMs.gapP99), 'From one result to the next.'],
    ['Longest stall', ms(jitterMs.longestStall), 'The longest time without a result.'],
    ['Age on screen', ms(ageMs.mean), 'Mean age of the result that is shown.'],
    ['Peak age', ms(ageMs.peak), 'How old the shown result became before the next.'],
    [
      'Busy by law',
      law === undefined ? '–' : percent(law, 1),
      'U = X S / c, from throughput and service time: must agree with the measured utilisation.',
    ],
    ['Busy', none ? '–' : percent(live?.utilisation ?? 0, 1), 'Measured in the engine workers.'],
    ['Missed', count(counts.missed), 'Lost before they reached us, beside the sum.'],
  ];
  return (
    <Panel name="level" title="Service level" className={css['level']}>
      <dl className={css['list']} data-testid="level">
        {rows.map(([name, value, what, weak = false]) => (
          <div key={name} title={what}>
            <dt>{name}</dt>
            <dd data-weak={(!none && weak) || undefined} data-bad={(name === 'Misses' && breached) || undefined}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
