/** Every command by name, with its key: type to narrow, arrows to choose, Enter to do it. */
import Search from 'lucide-react/icons/search';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { StationStore } from '../../store/station.ts';
import { policyNames } from '../controls/policies.ts';
import { Key } from '../parts/Button.tsx';
import { openLoadDial } from '../openLoadDial.ts';
import { kindsInOrder, kindWords } from '../sourceKinds.ts';
import { exportsInOrder } from '../exports.ts';
import { useStationContext } from '../StationContext.ts';
import type { Verbs } from '../verbs.ts';
import { openOverlay } from '../verbs.ts';
import { view } from '../view.ts';
import { Sheet } from './Sheet.tsx';
import css from './overlays.module.css';

interface Command {
  readonly name: string;
  readonly key?: string;
  readonly run: () => void;
}

export function Palette() {
  const { store, verbs } = useStationContext();
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const commands = useMemo(() => commandsOf(store, verbs), [store, verbs]);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
  const index = Math.min(chosen, found.length - 1);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    openOverlay('none');
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      const next = (index + by + found.length) % Math.max(1, found.length);
      setChosen(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[index]);
    }
  };
  return (
    <Sheet title="Commands" bare>
      <div className={css['search']}>
        <Search size={16} aria-hidden />
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-label="Find a command"
          aria-expanded
          aria-controls="commands"
          aria-activedescendant={found[index] === undefined ? undefined : `command-${index}`}
          placeholder="Find a command"
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Key>Esc</Key>
      </div>
      {found.length === 0 ? (
        <p className={css['nothing']}>No command has these words.</p>
      ) : (
        <div className={css['list']} role="listbox" id="commands" aria-label="Commands" ref={list}>
          {found.map((command, i) => (
            <button
              key={command.name}
              type="button"
              tabIndex={-1}
              id={`command-${i}`}
              role="option"
              aria-selected={i === index}
              className={css['command']}
              onPointerMove={() => setChosen(i)}
              onClick={() => run(command)}
            >
              <span>{command.name}</span>
              {command.key !== undefined && <Key>{command.key}</Key>}
            </button>
          ))}
        </div>
      )}
    </Sheet>
  );
}

function commandsOf(store: StationStore, verbs: Verbs): Command[] {
  const { settings, snapshot } = store.getState();
  const sessions = settings.engine.sessions || Math.max(1, snapshot.engine.sessions);
  const running = snapshot.state === 'running';
  const set = verbs.change;
  return [
    { name: running ? 'Pause' : 'Start', key: 'Space', run: () => verbs.toggleRunning() },
    { name: 'Stop', key: 'S', run: () => verbs.stop() },
    { name: 'Open a model: kept, catalogue, file', key: 'O', run: () => openOverlay('models') },
    { name: 'Open a model file', run: () => verbs.pickFiles() },
    { name: 'Open a model from a link', key: 'U', run: () => openOverlay('link') },
    { name: 'Load dial: a model of a chosen cost', run: () => openLoadDial(store, verbs) },
    ...kindsInOrder.map((kind) => ({
      name: `Source: ${kindWords[kind].label}`,
      run: () => verbs.changeKind(kind),
    })),
    ...(['latest', 'dropOldest', 'dropNewest', 'skip', 'block'] as const).map((policy) => ({
      name: `When full: ${policyNames[policy].toLowerCase()}`,
      run: () => set({ flow: { policy } }),
    })),
    {
      name: 'Ground truth: show or hide',
      key: 'G',
      run: () => view.setState(({ truth }) => ({ truth: !truth })),
    },
    { name: 'Results: show or hide the table', run: () => view.setState(({ results }) => ({ results: !results })) },
    { name: 'Save the picture with its results', run: () => verbs.savePicture() },
    { name: 'Import a model card', run: () => verbs.importCard() },
    { name: 'When full: auto', run: () => set({ flow: { policy: 'auto' } }) },
    { name: 'Run on: auto', run: () => set({ engine: { provider: 'auto' } }) },
    { name: 'Run on: WebGPU', run: () => set({ engine: { provider: 'webgpu' } }) },
    { name: 'Run on: WASM', run: () => set({ engine: { provider: 'wasm' } }) },
    { name: 'Run on: simulated', run: () => set({ engine: { provider: 'simulated' } }) },
    { name: 'One session more', run: () => set({ engine: { sessions: Math.min(8, sessions + 1) } }) },
    { name: 'One session less', run: () => set({ engine: { sessions: Math.max(1, sessions - 1) } }) },
    { name: 'Measure the ways to run the model', run: verbs.measure },
    { name: 'Inspect the model: nodes, operators, graph', run: () => openOverlay('inspector') },
    { name: 'Profile the operators', run: () => void verbs.profile() },
    { name: 'Compare a frame with the WASM reference', run: () => void verbs.compare() },
    { name: 'Sessions: chosen', run: () => set({ engine: { sessions: 0 } }) },
    { name: 'Aim: latency', run: () => set({ engine: { aim: 'latency', sessions: 0 } }) },
    { name: 'Aim: throughput', run: () => set({ engine: { aim: 'throughput', sessions: 0 } }) },
    { name: 'Window: last 30 s', run: () => set({ windowS: 30 }) },
    { name: 'Window: last 60 s', run: () => set({ windowS: 60 }) },
    { name: 'Window: last 300 s', run: () => set({ windowS: 300 }) },
    { name: 'Show all of the timeline again', key: 'Esc', run: () => view.setState({ span: undefined }) },
    ...exportsInOrder.map(({ format, name }) => ({ name: `Export: ${name}`, run: () => verbs.export(format) })),
    { name: 'Copy link', key: 'L', run: () => verbs.copyLink() },
    { name: 'Change the theme', key: 'T', run: () => verbs.toggleTheme() },
    { name: 'Undo the last setting', key: 'Ctrl Z', run: () => verbs.undo() },
    { name: 'Redo the setting', key: 'Ctrl Shift Z', run: () => verbs.redo() },
    { name: 'Show all keys', key: '?', run: () => openOverlay('keys') },
  ];
}
