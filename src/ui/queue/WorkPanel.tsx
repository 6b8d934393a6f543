/** This worker: what it was given, how each job ended, and how long jobs waited and took. */
import type { Percentiles } from '../../core/snapshot.ts';
import { count, one } from '../format.ts';
import { Panel, Tile } from '../parts/Panel.tsx';
import { useWork } from './useWork.ts';
import css from './queue.module.css';

const times = [
  { key: 'waitMs', name: 'Waited in the queue' },
  { key: 'runMs', name: 'Received to result' },
  { key: 'publishMs', name: 'Result to confirmed' },
  { key: 'totalMs', name: 'Received to acknowledged' },
] as const;

const noTimes: Percentiles = {
  n: 0,
  p50: 0,
  p95: 0,
  p99: 0,
  max: 0,
  valid: { p50: false, p95: false, p99: false },
};

export function WorkPanel() {
  const work = useWork();
  const counts = work?.counts;
  const look = work?.look;
  const told = (value: number | null | undefined) => (value === null || value === undefined ? '–' : count(value));
  return (
    <Panel
      name="work"
      title="This worker"
      unit={work === undefined ? '' : `holds ${work.prefetch} at most`}
      className={css['work']}
      head={
        <>
          <Tile name="ready" value={told(look?.ready)} />
          <Tile name="oldest" value={age(look?.oldestMs)} />
        </>
      }
    >
      <div className={css['body']} data-testid="work">
        <dl className={css['facts']}>
          <Fact name="Received" value={counts?.received} />
          <Fact name="Redelivered" value={counts?.redelivered} />
          <Fact name="Unacked here" value={counts?.unacked} />
          <Fact name="Unacked at all" value={look?.unacked ?? undefined} />
          <Fact name="Results stored" value={counts?.published} />
          <Fact name="Duplicates" value={counts?.duplicates} />
        </dl>
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">ms</th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
            </tr>
          </thead>
          <tbody>
            {times.map(({ key, name }) => {
              const of = work?.[key] ?? noTimes;
              return (
                <tr key={key}>
                  <th scope="row">{name}</th>
                  {(['p50', 'p95', 'p99'] as const).map((q) => (
                    <td key={q} data-weak={!of.valid[q] || undefined} title={of.valid[q] ? undefined : 'n too small'}>
                      {of.n === 0 ? '–' : of[q] >= 60_000 ? '≥ 60 s' : one(of[q])}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
        {work?.look === undefined && work !== undefined && (
          <p className={css['note']}>
            {work.kind === 'rabbitmq' ? 'Web STOMP does not tell how deep a queue is.' : 'The queue is not told yet.'}
          </p>
        )}
        {work?.kind === 'nats' && work.heartbeatLagMs * 3 > work.ackWaitMs && (
          <p className={css['warn']}>
            In-progress signals came {one(work.heartbeatLagMs / 1000)} s late: an ack wait of less than three times that
            gives jobs away while they run.
          </p>
        )}
        {work?.broken !== undefined && (
          <p className={css['warn']}>Nothing is taken for a while, after failures in a row: {work.broken.message}</p>
        )}
      </div>
    </Panel>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: number | undefined }) {
  return (
    <div data-zero={value === 0 || value === undefined || undefined}>
      <dt>{name}</dt>
      <dd>{value === undefined ? '–' : count(value)}</dd>
    </div>
  );
}

function age(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
