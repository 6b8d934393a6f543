/** A model by its address. Page links of GitHub and Hugging Face are taken too. */
import { useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { useVerbs } from '../StationContext.ts';
import { openOverlay } from '../verbs.ts';
import { Sheet } from './Sheet.tsx';
import css from './overlays.module.css';

export function OpenLink() {
  const verbs = useVerbs();
  const [address, setAddress] = useState('');
  const url = address.trim();
  const usable = URL.canParse(url, location.href) && url !== '';
  return (
    <Sheet title="Open a link">
      <form
        className={css['dialogBody']}
        onSubmit={(event) => {
          event.preventDefault();
          if (!usable) return;
          openOverlay('none');
          verbs.open(url);
        }}
      >
        <p className={css['note']}>The address of an .onnx file. Page links of GitHub and Hugging Face work too.</p>
        <div className={css['linkForm']}>
          <input
            autoFocus
            type="text"
            inputMode="url"
            aria-label="Address of the model"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://"
            maxLength={2000}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
          <Button type="submit" weight="primary" disabled={!usable}>
            Open
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
