/** The card of the model as a file: handed out as it is in force, and taken back with a sentence where it does not fit. */
import type { ModelInfo } from '../../core/card.ts';
import { saveText } from '../downloads.ts';
import { Button } from '../parts/Button.tsx';
import { Row } from '../parts/Row.tsx';
import { useVerbs } from '../StationContext.ts';
import css from './controls.module.css';

export function CardFiles({ model }: { readonly model: ModelInfo }) {
  const verbs = useVerbs();
  return (
    <Row label="Card">
      <div className={css['split']}>
        <Button
          onClick={() => {
            const name = model.card.name.replace(/[^\w.-]+/g, '-').slice(0, 60);
            saveText(`${name}.card.json`, 'application/json', `${JSON.stringify(model.card, undefined, 2)}\n`);
          }}
        >
          Export
        </Button>
        <Button onClick={() => verbs.importCard()}>Import</Button>
      </div>
    </Row>
  );
}
