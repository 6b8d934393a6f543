/**
 * The verbs of `window.weir` for another window: `{weir: 1, id, verb, args}` is answered by `{weir: 1, id, value}` or
 * `{weir: 1, id, error: {code, message}}`. Only origins on the list are heard; the page's own is always on it.
 */
import * as v from 'valibot';
import { WeirError } from '../core/errors.ts';
import type { Weir } from './weir.ts';

const RequestSchema = v.object({
  weir: v.literal(1),
  id: v.union([v.string(), v.number()]),
  verb: v.string(),
  args: v.optional(v.array(v.unknown()), []),
});

/** `subscribe` sends `{weir: 1, id, snapshot}` again and again, until `unsubscribe` with the id of the subscription. */
const verbs = [
  'openModel',
  'configure',
  'start',
  'pause',
  'stop',
  'snapshot',
  'export',
  'measure',
  'profile',
  'compare',
  'inspect',
] as const satisfies readonly (keyof Weir)[];
type Verb = (typeof verbs)[number];

/** What a window is told; the part of `Window` that an answer needs. */
interface Asker {
  postMessage(message: unknown, options: { targetOrigin: string }): void;
}

/** @returns what stops it */
export function listenToMessages(weir: Weir, target: EventTarget, origins: ReadonlySet<string>): () => void {
  const subscriptions = new Map<string, () => void>();

  const onMessage = (event: Event) => {
    if (!(event instanceof MessageEvent) || !origins.has(event.origin) || !isAsker(event.source)) return;
    const parsed = v.safeParse(RequestSchema, event.data);
    // Other scripts of the page talk this way too.
    if (!parsed.success) return;
    const { id, verb, args } = parsed.output;
    const { source, origin } = event;
    const answer = (message: object) => source.postMessage({ weir: 1, id, ...message }, { targetOrigin: origin });
    const key = `${origin} ${typeof id} ${id}`;
    if (verb === 'subscribe') {
      subscriptions.get(key)?.();
      subscriptions.set(
        key,
        weir.subscribe((snapshot) => answer({ snapshot })),
      );
      return;
    }
    if (verb === 'unsubscribe') {
      subscriptions.get(key)?.();
      subscriptions.delete(key);
      answer({ value: undefined });
      return;
    }
    run(weir, verb, args).then(
      (value) => answer({ value }),
      (thrown: unknown) => answer({ error: WeirError.wrap(thrown, 'bad-settings').toData() }),
    );
  };

  target.addEventListener('message', onMessage);
  return () => {
    target.removeEventListener('message', onMessage);
    for (const stop of subscriptions.values()) stop();
  };
}

async function run(weir: Weir, verb: string, args: readonly unknown[]): Promise<unknown> {
  if (verb === 'version') return weir.version;
  const known = verbs.find((each): each is Verb => each === verb);
  if (known === undefined) throw new WeirError('bad-settings', `There is no verb "${verb.slice(0, 40)}".`);
  // Each verb judges what it is given, as it does for scripts of the page.
  const call: (...given: readonly unknown[]) => unknown = weir[known] as never;
  return call(...args);
}

function isAsker(source: unknown): source is Asker {
  return typeof source === 'object' && source !== null && 'postMessage' in source;
}

/** The page's own origin, and those that its host wrote into `<meta name="weir-origins" content="https://a https://b">`. */
export function allowedOrigins(own: string, listed: string | undefined): ReadonlySet<string> {
  const more = (listed ?? '')
    .split(/\s+/)
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text).origin);
  // What has no origin of its own must not pass for one that is listed.
  return new Set([own, ...more].filter((origin) => origin !== 'null'));
}
