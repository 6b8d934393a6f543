/** The address of a source on the network: said to be wrong while it is typed, opened by Connect and by nothing else. */
import { useState } from 'react';
import { useVerbs } from '../StationContext.ts';
import { Button } from '../parts/Button.tsx';
import css from './controls.module.css';

const forms = {
  websocket: {
    label: 'WebSocket address',
    placeholder: 'Empty: the demo feed',
    pattern: /^wss?:\/\/[^/\s]+/i,
    needed: false,
    wrong: 'An address starts with ws:// or wss:// and a host.',
  },
  mjpeg: {
    label: 'Address of the stream',
    placeholder: 'http://camera/stream',
    pattern: /^https?:\/\/[^/\s]+/i,
    needed: true,
    wrong: 'An address starts with http:// or https:// and a host.',
  },
} as const;

export function AddressForm({ kind, url }: { readonly kind: keyof typeof forms; readonly url: string }) {
  const verbs = useVerbs();
  const [draft, setDraft] = useState<string>();
  const { label, placeholder, pattern, needed, wrong: wrongWords } = forms[kind];
  const shown = draft ?? url;
  const wrong = shown !== '' && !pattern.test(shown);
  const ready = !wrong && (shown !== '' || !needed);
  const connect = () => {
    if (!ready) return;
    verbs.change({ source: { kind, url: shown.trim() } });
    setDraft(undefined);
    verbs.start();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        connect();
      }}
    >
      <div className={css['address']}>
        <input
          className={css['text']}
          type="text"
          inputMode="url"
          spellCheck={false}
          autoComplete="off"
          aria-label={label}
          aria-invalid={wrong}
          placeholder={placeholder}
          value={shown}
          maxLength={2000}
          onChange={(event) => setDraft(event.target.value)}
        />
        <Button type="submit" disabled={!ready}>
          Connect
        </Button>
      </div>
      {wrong && <p className={css['fact']}>{wrongWords}</p>}
    </form>
  );
}
