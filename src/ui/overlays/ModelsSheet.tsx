/** Where a person looks for a model: a file, a link, what this browser keeps, and the catalogue. */
import { useEffect } from 'react';
import { Button, Key } from '../parts/Button.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { openOverlay } from '../verbs.ts';
import { CatalogueList } from './CatalogueList.tsx';
import { KeptModels } from './KeptModels.tsx';
import { Sheet } from './Sheet.tsx';
import css from './models.module.css';

export function ModelsSheet() {
  const verbs = useVerbs();
  const library = useStation((state) => state.library);
  const keeping = useStation((state) => state.keeping?.status);
  // What is kept may have changed in another tab, and changes when the open model has been written.
  useEffect(() => verbs.listModels(), [verbs, keeping]);
  const open = (address: string) => {
    openOverlay('none');
    verbs.open(address);
  };
  return (
    <Sheet title="Open a model" wide>
      <div className={css['body']}>
        <div className={css['ways']}>
          <Button
            autoFocus
            weight="primary"
            onClick={() => {
              openOverlay('none');
              verbs.pickFiles();
            }}
          >
            Choose files
          </Button>
          <Button onClick={() => openOverlay('link')}>
            Open a link <Key>U</Key>
          </Button>
          <p>
            Or drop an .onnx or .ort file anywhere, or paste it: with its data files, its labels (.txt, one a line) and
            its card (.json).
          </p>
        </div>
        <KeptModels library={library} onOpen={open} />
        <CatalogueList library={library} onOpen={open} />
      </div>
    </Sheet>
  );
}
