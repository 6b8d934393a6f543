/** The list of keys, and the switch that turns single letters off. */
import { Key } from '../parts/Button.tsx';
import { Toggle } from '../parts/Toggle.tsx';
import { useView, view } from '../view.ts';
import { Sheet } from './Sheet.tsx';
import css from './overlays.module.css';

const keys: readonly (readonly [what: string, ...keys: string[]])[] = [
  ['Start, pause', 'Space'],
  ['Stop', 'S'],
  ['Commands', 'Ctrl K'],
  ['This list', '?'],
  ['Open a model', 'O'],
  ['Open a link', 'U'],
  ['Controls', 'C'],
  ['Focus a panel', '1', '–', '6'],
  ['Full size', 'F'],
  ['Move the cursor', '←', '→'],
  ['Move it by 10', 'Shift ←', 'Shift →'],
  ['Shorter, longer window', '[', ']'],
  ['Ground truth', 'G'],
  ['Export', 'E'],
  ['Copy link', 'L'],
  ['Theme', 'T'],
  ['Undo a setting', 'Ctrl Z'],
  ['Redo a setting', 'Ctrl Shift Z'],
  ['Close, cancel', 'Esc'],
];

export function Keys() {
  const singleKeys = useView((values) => values.singleKeys);
  return (
    <Sheet title="Keys">
      <div className={css['dialogBody']}>
        <dl className={css['keys']}>
          {keys.map(([what, ...names]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{names.map((name) => (name === '–' ? '–' : <Key key={name}>{name}</Key>))}</dd>
            </div>
          ))}
        </dl>
        <div className={css['single']}>
          <Toggle
            label="Single letters act while no field has focus"
            checked={singleKeys}
            onChange={(on) => view.setState({ singleKeys: on })}
          />
          <span aria-hidden>Single letters act while no field has focus</span>
        </div>
      </div>
    </Sheet>
  );
}
