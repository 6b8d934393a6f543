/**
 * The sources that run side by side before one engine, each with a gate, files and a place of its own.
 * One that ends or is lost takes no other with it; a change of settings opens again only those that need it.
 */
import { BehaviorSubject, type Subscription } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { SourceState } from '../core/delivery.ts';
import { WeirError, type WeirErrorData } from '../core/errors.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import { type NamedSource, type Settings, type SourceKind, sourcesOf } from '../core/settings.ts';
import type { Place } from '../sources/place.ts';
import { type SourceHost, sources } from '../sources/registry.ts';
import { createPipeline, type Stages } from './createPipeline.ts';
import { queueLimitOf, resolveGate } from './resolveGate.ts';

export interface FeedsHost {
  readonly clock: Clock;
  readonly sources: Omit<SourceHost, 'files' | 'place'>;
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
  configure(
    settings: Settings,
    files: Readonly<Record<string, readonly File[]>> | undefined,
    mayOpen: boolean,
  ): string[];
  states(): Record<string, SourceState>;
  /** Places in all queues together. */
  queueLimit(): number;
}

interface Feed {
  readonly settings$: BehaviorSubject<NamedSource>;
  readonly gate$: BehaviorSubject<GateSettings>;
  /** What was chosen last, and for which kind of source: pictures are no video. */
  chosen: { readonly kind: SourceKind; readonly files: readonly File[] } | undefined;
  place: Place;
  state: SourceState;
  run: Subscription | undefined;
}

export function createFeeds(host: FeedsHost, first: Settings): Feeds {
  const feeds = new Map<string, Feed>();
  /** Ends that came while others were still being opened. */
  let ends: (() => void)[] | undefined;
  adopt(first);

  function adopt({ flow, ...named }: Settings): void {
    for (const source of sourcesOf({ ...named }))
      if (!feeds.has(source.id))
        feeds.set(source.id, {
          settings$: new BehaviorSubject(source),
          gate$: new BehaviorSubject(resolveGate(flow, source)),
          chosen: undefined,
          place: { at: undefined },
          state: { status: 'idle' },
          run: undefined,
        });
  }

  function open(id: string, feed: Feed): void {
    const current = feed.settings$.value;
    const stages = host.stages(id);
    const source = sources[current.kind].create(
      feed.settings$,
      current,
      {
        ...host.sources,
        files: () => (feed.chosen?.kind === current.kind ? feed.chosen.files : []),
        place: feed.place,
      },
      {
        id,
        clock: host.clock,
        onState: (next) => {
          feed.state = next;
        },
        onMissed: (count) => stages.observer.missed(id, count),
        // What waits stays open, and two open frames stop a camera.
        takesFrames: () => queueLimitOf(feed.gate$.value) <= 1 && host.takesFrames(),
      },
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
        feed.state = { status: 'idle' };
      }
    },
    configure(settings, files, mayOpen) {
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
        const given = files?.[id];
        if (given !== undefined) feed.chosen = { kind, files: given };
        if (given !== undefined || kind !== last.kind) feed.place = { at: undefined };
        // What runs keeps the place it writes to, so that a pause still finds where it was.
        else if (source.startS !== last.startS) feed.place.at = undefined;
        feed.settings$.next(source);
        feed.gate$.next(resolveGate(settings.flow, source));
        const needed = given !== undefined || sources[kind].reopenOn.some((key) => source[key] !== last[key]);
        if (!fresh.includes(id) && !needed) continue;
        close(feed);
        feed.state = { status: 'idle' };
        changed.push([id, feed]);
      }
      if (mayOpen) openAll(changed);
      return changed.map(([id]) => id);
    },
    states: () => Object.fromEntries([...feeds].map(([id, { state }]) => [id, state])),
    queueLimit: () => [...feeds.values()].reduce((sum, { gate$ }) => sum + queueLimitOf(gate$.value), 0),
  };
}
