/**
 * Where the jobs come from: server, queue and credentials. Joined by Connect and by nothing else; what was typed as a
 * credential goes to the worker's memory and nowhere else, and is not shown again.
 */
import { useState } from 'react';
import type { Credentials } from '../../core/work.ts';
import type { NamedSource, Settings } from '../../core/settings.ts';
import { Button } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { FillQueue } from './FillQueue.tsx';
import css from './controls.module.css';

type Way = 'none' | 'password' | 'token' | 'nkey';

const ways: Readonly<Record<Way, { readonly label: string; readonly note: string }>> = {
  none: { label: 'None', note: 'The server asks for none.' },
  password: { label: 'User, password', note: 'What the broker calls a user.' },
  token: { label: 'Token', note: 'One secret for all.' },
  nkey: { label: 'NKey or JWT', note: 'The seed of a user key, and its JWT where there is one.' },
};

const fieldsOf: Readonly<Record<Way, readonly { readonly key: keyof Credentials; readonly label: string }[]>> = {
  none: [],
  password: [
    { key: 'user', label: 'User' },
    { key: 'password', label: 'Password' },
  ],
  token: [{ key: 'token', label: 'Token' }],
  nkey: [
    { key: 'seed', label: 'Seed' },
    { key: 'jwt', label: 'JWT' },
  ],
};

export function QueueSource({ source }: { readonly source: NamedSource }) {
  const verbs = useVerbs();
  const { kind } = source;
  const isNats = kind === 'nats';
  const prefetchNow = useStation((state) => state.snapshot.work?.[source.id]?.prefetch);
  const [draft, setDraft] = useState<Partial<Settings['source']>>({});
  const [way, setWay] = useState<Way>('none');
  const [credentials, setCredentials] = useState<Credentials>({});
  const url = draft.url ?? source.url;
  const queue = draft.queue ?? source.queue;
  const wrong = url !== '' && !/^wss?:\/\/[^/\s]+/i.test(url);
  const subject = draft.subject ?? source.subject;
  const ready = !wrong && url !== '' && (queue !== '' || subject !== '');
  const offered: readonly Way[] = isNats ? ['none', 'password', 'token', 'nkey'] : ['none', 'password'];
  const text = (name: 'url' | 'queue' | 'consumer' | 'subject', label: string, placeholder: string) => (
    <Row label={label} {...(name === 'url' && wrong ? { note: 'An address starts with ws:// or wss://.' } : {})}>
      <input
        className={css['text']}
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={label}
        placeholder={placeholder}
        value={draft[name] ?? source[name]}
        maxLength={name === 'url' ? 2000 : 200}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
      />
    </Row>
  );
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const consumer = draft.consumer ?? source.consumer;
          verbs.connect({ kind, url: url.trim(), queue, consumer, subject, credentials });
          setDraft({});
        }}
      >
        {text('url', 'Server', isNats ? 'ws://127.0.0.1:9222' : 'ws://127.0.0.1:15674/ws')}
        {text('queue', isNats ? 'Stream' : 'Queue', 'frames')}
        {isNats && text('consumer', 'Consumer', 'weir')}
        {isNats && text('subject', 'Or subject', 'live, without a queue')}
        <Row label="Sign in">
          <Choice
            label="Sign in with"
            value={way}
            options={offered.map((value) => ({ value, ...ways[value] }))}
            onChange={(next) => {
              setWay(next);
              setCredentials({});
            }}
          />
        </Row>
        {fieldsOf[way].map(({ key, label }) => (
          <Row key={key} label={label}>
            <input
              className={css['text']}
              type={key === 'user' ? 'text' : 'password'}
              autoComplete="off"
              spellCheck={false}
              aria-label={label}
              value={credentials[key] ?? ''}
              onChange={(event) => setCredentials({ ...credentials, [key]: event.target.value })}
            />
          </Row>
        ))}
        <Row
          label="Prefetch"
          note={source.prefetch === 0 ? `Automatic${prefetchNow === undefined ? '' : `: ${prefetchNow} now`}.` : ''}
        >
          <SliderNumber
            label="Jobs held at once, 0 is automatic"
            value={source.prefetch}
            min={0}
            max={16}
            fieldMax={256}
            onChange={(prefetch) => verbs.change({ source: { prefetch: Math.round(prefetch) } })}
          />
        </Row>
        <div className={css['address']}>
          <p className={css['fact']}>Credentials stay in memory alone.</p>
          <Button type="submit" disabled={!ready}>
            Connect
          </Button>
        </div>
      </form>
      {source.subject === '' && <FillQueue source={source.id} />}
    </>
  );
}
