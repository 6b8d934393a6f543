/** What the source says of itself: open, trying again in n seconds, or why not and what to do. */
import Check from 'lucide-react/icons/check';
import CircleX from 'lucide-react/icons/circle-x';
import Info from 'lucide-react/icons/info';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import type { SourceKind } from '../../core/settings.ts';
import { capped } from '../format.ts';
import { withFix } from '../sentences.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { Button } from '../parts/Button.tsx';
import css from './controls.module.css';

const idleWords: Readonly<Record<SourceKind, string>> = {
  scene: '',
  camera: 'Start opens the camera; the browser asks first.',
  video: 'Drop a video on the page, or choose one.',
  images: 'Drop pictures or a folder on the page, or choose them.',
  websocket: 'Connect opens the address.',
};

export function SourceFacts({ kind }: { readonly kind: SourceKind }) {
  const source = useStation((state) => state.live?.source);
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
    return idleWords[kind] === '' ? undefined : line(<Info size={14} aria-hidden />, idleWords[kind]);
  }
  switch (source.status) {
    case 'opening':
      return line(<Info size={14} aria-hidden />, kind === 'camera' ? 'Waiting for the camera.' : 'Connecting.');
    case 'open':
      return kind === 'scene' ? undefined : line(<Check size={14} aria-hidden />, capped(source.facts) || 'Open.');
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
        withFix(capped(source.error.message), source.error.code),
        <Button className={css['stateAction']} onClick={() => verbs.start()}>
          Try again
        </Button>,
      );
  }
}
