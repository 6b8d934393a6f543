/** State and its verbs at the left, everything about the page itself at the right. */
import { Menu } from '@base-ui/react/menu';
import Download from 'lucide-react/icons/download';
import MenuIcon from 'lucide-react/icons/menu';
import Moon from 'lucide-react/icons/moon';
import Pause from 'lucide-react/icons/pause';
import Play from 'lucide-react/icons/play';
import Search from 'lucide-react/icons/search';
import Share from 'lucide-react/icons/share';
import Sliders from 'lucide-react/icons/sliders-horizontal';
import Square from 'lucide-react/icons/square';
import Sun from 'lucide-react/icons/sun';
import { useSyncExternalStore } from 'react';
import { exportsInOrder } from './exports.ts';
import { clockTime, one } from './format.ts';
import { Logo } from './Logo.tsx';
import { Button, Key } from './parts/Button.tsx';
import { useIsWork } from './queue/useWork.ts';
import { useStation, useVerbs } from './StationContext.ts';
import { onTheme, themeNow } from './theme.ts';
import { openOverlay } from './verbs.ts';
import { view } from './view.ts';
import parts from './parts/parts.module.css';
import css from './TopBar.module.css';

const words = {
  idle: 'Stopped',
  loading: 'Loading',
  running: 'Running',
  paused: 'Paused',
  failed: 'Failed',
} as const;

export function TopBar() {
  const verbs = useVerbs();
  const theme = useSyncExternalStore(onTheme, themeNow);
  return (
    <header className={`panel ${css['bar']}`}>
      <div className={css['brand']}>
        <Logo />
        <h1>Weir</h1>
      </div>
      <State />
      <span className={css['spacer']} />
      <button type="button" className={css['find']} onClick={() => openOverlay('palette')}>
        <Search size={16} aria-hidden />
        <span>Find a command</span>
        <Key>Ctrl K</Key>
      </button>
      <span className={css['rule']} />
      <Button weight="ghost" className={css['drawer']} onClick={() => view.setState((v) => ({ drawer: !v.drawer }))}>
        <Sliders size={16} aria-hidden />
        <span>Controls</span>
      </Button>
      <Export />
      <Button weight="ghost" className={css['wide']} onClick={() => verbs.copyLink()}>
        <Share size={16} aria-hidden />
        <span>Copy link</span>
      </Button>
      <span className={css['rule']} />
      <Button
        weight="ghost"
        bare
        className={css['wide']}
        aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        title="Theme (T)"
        onClick={() => verbs.toggleTheme()}
      >
        {theme === 'dark' ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
      </Button>
      <Button
        weight="ghost"
        bare
        className={css['wide']}
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => openOverlay('keys')}
      >
        <b aria-hidden>?</b>
      </Button>
      <Button weight="ghost" bare className={css['more']} aria-label="Commands" onClick={() => openOverlay('palette')}>
        <MenuIcon size={20} aria-hidden />
      </Button>
    </header>
  );
}

function State() {
  const verbs = useVerbs();
  const state = useStation((values) => values.snapshot.state);
  const elapsed = useStation((values) => values.live?.elapsedMs ?? 0);
  const opening = useStation((values) => values.opening);
  const now = useStation((values) => values.live?.now);
  const began = opening?.steps.find((step) => step.startedAt !== undefined)?.startedAt;
  const openingMs = began === undefined || now === undefined ? undefined : Math.max(0, now - began);
  const running = state === 'running';
  const isWork = useIsWork();
  const shown = opening === undefined ? state : 'opening';
  return (
    <>
      <div className={css['state']} data-state={shown} data-testid="state" role="status">
        <i aria-hidden />
        <b>{opening === undefined ? (isWork && running ? 'Working' : words[state]) : 'Opening'}</b>
        <span aria-hidden>
          {opening === undefined ? clockTime(elapsed) : openingMs === undefined ? '' : `${one(openingMs / 1000)} s`}
        </span>
      </div>
      <Button className={css['toggle']} onClick={() => verbs.toggleRunning()} data-testid="toggle">
        {running ? <Pause size={14} fill="currentColor" strokeWidth={1} aria-hidden /> : <Play size={14} aria-hidden />}
        {running ? (isWork ? 'Drain' : 'Pause') : 'Start'}
        <Key>Space</Key>
      </Button>
      <Button
        weight="ghost"
        className={css['wide']}
        disabled={state !== 'running' && state !== 'paused'}
        onClick={() => verbs.stop()}
      >
        <Square size={12} aria-hidden />
        Stop
      </Button>
    </>
  );
}

function Export() {
  const verbs = useVerbs();
  const empty = useStation((values) => values.snapshot.counts.offered === 0);
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger
        disabled={empty}
        id="export"
        render={
          <Button weight="ghost" className={css['wide']}>
            <Download size={16} aria-hidden />
            <span>Export</span>
          </Button>
        }
      />
      <Menu.Portal>
        <Menu.Positioner className={parts['positioner']} sideOffset={4} align="end">
          <Menu.Popup className={parts['popup']}>
            {exportsInOrder.map(({ format, name, note }) => (
              <Menu.Item key={format} className={parts['item']} onClick={() => verbs.export(format)}>
                <span className={parts['itemText']}>{name}</span>
                <span className={parts['itemNote']}>{note}</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
