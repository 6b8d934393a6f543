/** What the source says of itself: open, trying again in n seconds, or why not and what to do. */
import Check from 'lucide-react/icons/check';
import CircleX from 'lucide-react/icons/circle-x';
import Info from 'lucide-react/icons/info';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import type { SourceKind } from '../../core/settings.ts';
import { capped } from '../format.ts';
import { withFix } from '../sentences.ts';
import { kindWords } from '../sourceKinds.ts';
import { useSourceState } from '../selected.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Button } from '../parts/Button.tsx';
import css from './controls.module.css';

const openingWords: Partial<Record<SourceKind, string>> = {
  camera: 'Waiting for the camera.',
  screen: 'Waiting for the screen that is chosen.',
  websocket: 'Connecting.',
  mjpeg: 'Connecting.',
};

export function SourceFacts({ kind }: { readonly kind: SourceKind }) {
  const source = useSourceState();
  const now = useStation((state) => state.live?.now);
  const verbs = useVerbs();
  const status = source?.status ?? 'idle';
  const line = (icon: React.ReactNode, text: string, action?: React.ReactNode) => (
    <div
      className={css['state']}
      data-kind={status}
      data-testid="source-state"
      data-status={status}
      role={status === 'failed' ? 'alert' : 'status'}
    >
      {icon}
      <div>
        <p>{text}</p>
        {action}
      </div>
    </div>
  );
  if (source === undefined || source.status === 'idle') {
    const { idle } = kindWords[kind];
    return idle === '' ? undefined : line(<Info size={14} aria-hidden />, idle);
  }
  switch (source.status) {
    case 'opening':
      return line(<Info size={14} aria-hidden />, openingWords[kind] ?? 'Opening.');
    case 'open':
      return kind === 'scene' || kind === 'constant'
        ? undefined
        : line(<Check size={14} aria-hidden />, capped(source.facts) || 'Open.');
    case 'retrying': {
      const seconds = Math.max(0, Math.ceil((source.retryAt - (now ?? source.retryAt)) / 1000));
      return line(
        <TriangleAlert size={14} aria-hidden />,
        `Reconnecting in ${seconds} s. ${capped(source.error.message)}`,
      );
    }
    case 'ended':
      return line(<Info size={14} aria-hidden />, 'The source has ended.');
    case 'failed':
      return line(
        <CircleX size={14} aria-hidden />,
        withFix(capped(source.error.message), source.error.code, 'source'),
        <Button className={css['stateAction']} onClick={() => verbs.start()}>
          Try again
        </Button>,
      );
  }
}
