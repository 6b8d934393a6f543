/**
 * The sources that run side by side before one engine, each with a gate, files and a place of its own.
 * One that ends or is lost takes no other with it; a change of settings opens again only those that need it.
 */
import { BehaviorSubject, type Subscription } from 'rxjs';
import type { Observable } from 'rxjs';
import { brokers, createWork } from '../brokers/registry.ts';
import type { BrokerSession } from '../brokers/broker.ts';
import { createRecentIds, type RecentIds } from '../brokers/recentIds.ts';
import { createWorkMemory, type WorkMemory } from '../brokers/workMemory.ts';
import type { Clock } from '../core/clock.ts';
import type { SourceState } from '../core/delivery.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import { type Beside, type NamedSource, type Settings, type SourceKind, sourcesOf } from '../core/settings.ts';
import type { Place } from '../sources/place.ts';
import { type SourceEntry, type SourceHost, sources } from '../sources/registry.ts';
import { isWorkKind, type Credentials, type WorkFacts } from '../core/work.ts';
import { createTimes } from '../metrics/createTimes.ts';
import { createPipeline, type Stages } from './createPipeline.ts';
import { queueLimitOf, resolveGate } from './resolveGate.ts';

export interface FeedsHost {
  readonly clock: Clock;
  readonly sources: Omit<SourceHost, 'files' | 'place'>;
  /** Of this page, as results and dead letters name it. */
  readonly worker: string;
  readonly lifecycle$: Observable<'frozen' | 'resumed'>;
  /** What serves and counts the frames of a source from its opening on. */
  stages(id: string): Stages;
  takesFrames(): boolean;
  /** A source came to its end, or was lost; the others go on. */
  onEnd(id: string, error: WeirErrorData | undefined): void;
}

export interface Feeds {
  /** At least one source is open. */
  readonly running: boolean;
  /** All that are not open. */
  open(): void;
  close(): void;
  /** After `close`: all begin anew instead of where they were. */
  rewind(): void;
  /**
   * Obeys new settings: what runs goes on, but where something changed that needs it, it is closed. With `mayOpen` those
   * are opened again, and new sources too. Returns the names of both.
   */
  configure(settings: Settings, beside: Readonly<Record<string, Beside>> | undefined, mayOpen: boolean): string[];
  states(): Record<string, SourceState>;
  /** Of those that are work queues. */
  work(): Record<string, WorkFacts>;
  /** The connection of a work queue, while it stands. */
  session(id: string): BrokerSession | undefined;
  /** Places in all queues together. */
  queueLimit(): number;
}

interface Feed {
  readonly settings$: BehaviorSubject<NamedSource>;
  readonly gate$: BehaviorSubject<GateSettings>;
  /** What was chosen last, and for which kind of source: pictures are no video. */
  chosen: { readonly kind: SourceKind; readonly files: readonly File[] } | undefined;
  /** Kept in memory alone. */
  credentials: Credentials;
  place: Place;
  /** Of a work queue: its numbers, until it begins anew. */
  memory: WorkMemory | undefined;
  look: (() => WorkFacts) | undefined;
  session: BrokerSession | undefined;
  state: SourceState;
  run: Subscription | undefined;
}

/** Ids of finished jobs, some 100 bytes each. */
const rememberedJobs = 20_000;

export function createFeeds(host: FeedsHost, first: Settings): Feeds {
  const feeds = new Map<string, Feed>();
  /** Ends that came while others were still being opened. */
  let ends: (() => void)[] | undefined;
  const recents = new Map<string, RecentIds>();
  let { settling } = first;
  adopt(first);

  function adopt({ flow, ...named }: Settings): void {
    for (const source of sourcesOf({ ...named }))
      if (!feeds.has(source.id))
        feeds.set(source.id, {
          settings$: new BehaviorSubject(source),
          gate$: new BehaviorSubject(resolveGate(flow, source)),
          chosen: undefined,
          credentials: {},
          place: { at: undefined },
          memory: undefined,
          look: undefined,
          session: undefined,
          state: { status: 'idle' },
          run: undefined,
        });
  }

  /** A work queue is a source too; the two rooms meet here. */
  function entryOf(kind: SourceKind, feed: Feed, stages: Stages): SourceEntry {
    if (!isWorkKind(kind)) return sources[kind];
    feed.memory ??= createWorkMemory(createTimes);
    const { memory } = feed;
    let own: BrokerSession | undefined;
    return {
      reopenOn: brokers[kind].reopenOn,
      create: (_settings$, current, _host, context) =>
        createWork(
          kind,
          current,
          {
            credentials: feed.credentials,
            worker: host.worker,
            settling: () => settling,
            prefetch: () => feed.settings$.value.prefetch,
            slots: () => stages.credit.limit(),
            memory,
            recent: recentOf(`${kind} ${current.url} ${current.queue}`),
            onSession: (session) => {
              // The one before may still be ending what it had begun when the next has connected.
              if (session !== undefined || feed.session === own) feed.session = session;
              own = session;
            },
          },
          context,
        ),
    };
  }

  /** What was done is known for as long as the page lives, whichever run did it. */
  function recentOf(queue: string): RecentIds {
    const known = recents.get(queue) ?? createRecentIds(rememberedJobs);
    recents.set(queue, known);
    return known;
  }

  function open(id: string, feed: Feed): void {
    const current = feed.settings$.value;
    const stages = host.stages(id);
    const context = {
      id,
      clock: host.clock,
      onState: (next: SourceState) => {
        feed.state = next;
      },
      onMissed: (count: number) => stages.observer.missed(id, count),
      onWork: (look: () => WorkFacts) => {
        feed.look = look;
      },
      lifecycle$: host.lifecycle$,
      // What waits stays open, and two open frames stop a camera.
      takesFrames: () => queueLimitOf(feed.gate$.value) <= 1 && host.takesFrames(),
    };
    const source = entryOf(current.kind, feed, stages).create(
      feed.settings$,
      current,
      {
        ...host.sources,
        files: () => (feed.chosen?.kind === current.kind ? feed.chosen.files : []),
        place: feed.place,
      },
      context,
    );
    const run = createPipeline(source, feed.gate$, stages).subscribe({
      error: (thrown: unknown) => {
        const { code, message, details } = WeirError.wrap(thrown, 'connection-lost');
        const error = { code, message, ...(details === undefined ? {} : { details }) };
        // Nothing is broken when files or an address are still to be chosen: the source's own words say so.
        end(id, feed, code === 'cancelled' ? { status: 'idle' } : { status: 'failed', error }, error);
      },
      complete: () => end(id, feed, { status: 'ended' }, undefined),
    });
    if (!run.closed) feed.run = run;
  }

  function end(id: string, feed: Feed, state: SourceState, error: WeirErrorData | undefined): void {
    feed.run = undefined;
    feed.state = state;
    const tell = () => host.onEnd(id, error);
    if (ends === undefined) tell();
    else ends.push(tell);
  }

  /** Whether others are open is known only when all were tried. */
  function openAll(wanted: Iterable<[string, Feed]>): void {
    ends = [];
    for (const [id, feed] of wanted) if (feed.run === undefined) open(id, feed);
    const told = ends;
    ends = undefined;
    for (const tell of told) tell();
  }

  function close(feed: Feed): void {
    feed.run?.unsubscribe();
    feed.run = undefined;
  }

  const running = () => [...feeds.values()].some(({ run }) => run !== undefined);

  return {
    get running() {
      return running();
    },
    open: () => openAll([...feeds]),
    close() {
      for (const feed of feeds.values()) {
        if (feed.run !== undefined) feed.state = { status: 'idle' };
        close(feed);
      }
    },
    rewind() {
      for (const feed of feeds.values()) {
        feed.place = { at: undefined };
        feed.memory = undefined;
        feed.state = { status: 'idle' };
      }
    },
    configure(settings, beside, mayOpen) {
      ({ settling } = settings);
      const next = sourcesOf(settings);
      for (const [id, feed] of feeds) {
        if (next.some((source) => source.id === id)) continue;
        close(feed);
        feeds.delete(id);
      }
      const fresh = next.filter(({ id }) => !feeds.has(id)).map(({ id }) => id);
      adopt(settings);
      const changed: [string, Feed][] = [];
      for (const source of next) {
        const { id, kind } = source;
        const feed = feeds.get(id);
        if (feed === undefined) continue;
        const last = feed.settings$.value;
        const given = beside?.[id]?.files;
        const credentials = beside?.[id]?.credentials;
        if (credentials !== undefined) feed.credentials = credentials;
        if (given !== undefined) feed.chosen = { kind, files: given };
        if (given !== undefined || kind !== last.kind) feed.place = { at: undefined };
        // What runs keeps the place it writes to, so that a pause still finds where it was.
        else if (source.startS !== last.startS) feed.place.at = undefined;
        feed.settings$.next(source);
        feed.gate$.next(resolveGate(settings.flow, source));
        const { reopenOn } = isWorkKind(kind) ? brokers[kind] : sources[kind];
        const needed =
          given !== undefined || credentials !== undefined || reopenOn.some((key) => source[key] !== last[key]);
        // Of another queue other numbers are to be told.
        if (needed) {
          feed.memory = undefined;
          feed.look = undefined;
        }
        if (!fresh.includes(id) && !needed) continue;
        close(feed);
        feed.state = { status: 'idle' };
        changed.push([id, feed]);
      }
      if (mayOpen) openAll(changed);
      return changed.map(([id]) => id);
    },
    states: () => Object.fromEntries([...feeds].map(([id, { state }]) => [id, state])),
    work: () =>
      Object.fromEntries(
        [...feeds].flatMap(([id, { look }]): [string, WorkFacts][] => (look === undefined ? [] : [[id, look()]])),
      ),
    session: (id) => feeds.get(id)?.session,
    queueLimit: () => [...feeds.values()].reduce((sum, { gate$ }) => sum + queueLimitOf(gate$.value), 0),
  };
}
