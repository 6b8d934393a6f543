/** What was mended in the model before the runtime saw it: why, whether it was checked, and a switch for each repair. */
import { useState } from 'react';
import type { ModelInfo } from '../../core/card.ts';
import type { ModelRepair, RepairKind } from '../../core/repair.ts';
import { capped, count } from '../format.ts';
import { Row } from '../parts/Row.tsx';
import { Toggle } from '../parts/Toggle.tsx';
import { useVerbs } from '../StationContext.ts';
import { Expander } from './Expander.tsx';
import css from './controls.module.css';

const names: Readonly<Record<RepairKind, string>> = {
  opsetImports: 'Imports',
  oldOperators: 'Old operators',
  negativeDimensions: 'Sizes of −1',
  constantInputs: 'Weight inputs',
  identities: 'Identities',
  deadNodes: 'Dead parts',
};

export function RepairControls({ model }: { readonly model: ModelInfo }) {
  const { repair, card } = model;
  const verbs = useVerbs();
  const [open, setOpen] = useState(false);
  if (repair === undefined) return undefined;
  const off = card.repairs?.off ?? [];
  const rows = [...repair.notes, ...repair.off];
  const toggle = (kind: RepairKind, on: boolean) =>
    verbs.editCard({ repairs: { off: on ? off.filter((each) => each !== kind) : [...off, kind] } });
  return (
    <Expander title="Repairs" fact={factOf(repair)} open={open} onToggle={setOpen}>
      <p className={css['repairCheck']} data-testid="repair-check">
        {checkSentence(repair)}
      </p>
      {rows.map(({ kind, count: changed, reason }) => (
        <Row key={kind} label={names[kind]} note={capped(reason, 200)}>
          <span className={css['repair']}>
            {count(changed)}
            <Toggle
              label={`Repair: ${names[kind]}`}
              checked={!off.includes(kind)}
              onChange={(on) => toggle(kind, on)}
            />
          </span>
        </Row>
      ))}
    </Expander>
  );
}

function factOf({ notes, check }: ModelRepair): string {
  if (check?.status === 'differs') return 'taken back';
  if (notes.length === 0) return 'off';
  const states = { checking: 'being checked', agrees: 'checked', unchecked: 'not checked' };
  return check === undefined ? String(notes.length) : `${notes.length}, ${states[check.status]}`;
}

/** What is known of the results with and without the repairs. */
function checkSentence({ notes, check }: ModelRepair): string {
  if (notes.length === 0 && check === undefined) return 'The model runs as the file has it.';
  switch (check?.status) {
    case undefined:
      return 'Results with and without repairs are compared after the first frame.';
    case 'checking':
      return 'Being checked: the file as it is and as it was mended run on the same random input.';
    case 'agrees':
      return check.worst === 0
        ? 'Checked: with and without repairs the results are exactly the same.'
        : `Checked: with and without repairs the results are the same, within ${check.worst.toExponential(0)} of the largest value.`;
    case 'differs':
      return `The file runs as it is, because it gave other results when mended. ${capped(check.why, 200)}`;
    case 'unchecked':
      return `Not checked. ${capped(check.why, 200)}`;
  }
}
