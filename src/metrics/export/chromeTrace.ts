/**
 * Frames as a trace that Perfetto and chrome://tracing open: a track for each place on the way, and for each frame a flow
 * of arrows through them. Format: "Trace Event Format" (Chromium), JSON object with complete events and flows.
 */
import type { LoggedFrame } from '../frameLog.ts';

export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X' | 's' | 't' | 'f' | 'M';
  /** us since the first frame of the trace. */
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

const tracks = ['source', 'gate', 'batch', 'engine', 'decode', 'sink'] as const;
type Track = (typeof tracks)[number];

interface Slice {
  readonly track: Track;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Side by side on one track; more than these overlap in the last one. */
const mostLanes = 32;
const lanesPerTrack = 100;
/** What has no length is drawn as one microsecond, so that an arrow has something to hold on to. */
const leastMs = 0.001;

/** @param frames in the order in which they ended */
export function chromeTrace(frames: readonly LoggedFrame[]): string {
  const base = frames.reduce((least, { stamps }) => Math.min(least, stamps.scheduled, stamps.arrived), Infinity);
  const us = (ms: number) => Math.round((ms - base) * 1000);
  const lanes = new Map<Track, number[]>();
  const events: TraceEvent[] = [];

  /** The first lane that is free, so that slices on one of them never overlap. */
  function laneOf({ track, from, to }: Slice): number {
    const ends = lanes.get(track) ?? [];
    lanes.set(track, ends);
    let lane = ends.findIndex((end) => end <= from);
    if (lane < 0) lane = Math.min(ends.length, mostLanes - 1);
    ends[lane] = to;
    return tracks.indexOf(track) * lanesPerTrack + lane + 1;
  }

  const all = frames.map((frame, index) => ({ frame, index, slices: slicesOf(frame) }));
  // Lanes are given in order of time, or an early slice of a late frame would find them all taken.
  const placed = all
    .flatMap(({ frame, index, slices }) =>
      slices.map((slice, place) => ({ frame, index, slice, place, of: slices.length })),
    )
    .sort((a, b) => a.slice.from - b.slice.from || a.index - b.index || a.place - b.place);
  for (const { frame, index, slice, place, of } of placed) {
    const tid = laneOf(slice);
    const ts = us(slice.from);
    const common = { pid: 1, tid, ts };
    events.push({
      ...common,
      name: slice.name,
      cat: slice.track,
      ph: 'X',
      dur: Math.max(1, us(slice.to) - ts),
      args: { source: frame.source, frame: frame.id, ending: frame.ending },
    });
    const ph = place === 0 ? 's' : place === of - 1 ? 'f' : 't';
    if (of > 1)
      events.push({ ...common, name: 'frame', cat: 'frame', ph, id: index + 1, ...(ph === 'f' ? { bp: 'e' } : {}) });
  }
  return JSON.stringify({ traceEvents: [...namesOf(lanes), ...events], displayTimeUnit: 'ms' });
}

/** What a frame did, in order, each from the end of the one before or later. */
function slicesOf({ stamps, ending }: LoggedFrame): Slice[] {
  const slices: Slice[] = [];
  const add = (track: Track, name: string, from: number, to: number) => {
    if (Number.isNaN(from) || Number.isNaN(to)) return;
    slices.push({ track, name, from, to: Math.max(to, from + leastMs) });
  };
  const { scheduled, arrived, enqueued, dequeued, batched, began, prepared, started, ran, returned, ordered, decoded } =
    stamps;
  add('source', 'arrives', Math.min(scheduled, arrived), arrived);
  add('gate', 'waits', enqueued, Number.isNaN(dequeued) ? stamps.settled : dequeued);
  if (batched > dequeued) add('batch', 'gathers', dequeued, batched);
  add('engine', 'prepare', began, Number.isNaN(prepared) ? ran : prepared);
  add('engine', 'run', started, ran);
  add('decode', 'decode', Number.isNaN(ordered) ? returned : ordered, decoded);
  if (ending === 'completed') add('sink', 'settles', decoded, stamps.settled);
  // What ended early ends where it was, under the name of its ending.
  else add(Number.isNaN(dequeued) ? 'gate' : 'sink', ending, stamps.settled, stamps.settled);
  return slices;
}

function namesOf(lanes: ReadonlyMap<Track, readonly number[]>): TraceEvent[] {
  const common = { cat: '__metadata', ph: 'M', ts: 0, pid: 1 } as const;
  const names: TraceEvent[] = [{ ...common, name: 'process_name', tid: 0, args: { name: 'Weir' } }];
  for (const [track, ends] of lanes)
    for (const lane of ends.keys()) {
      const tid = tracks.indexOf(track) * lanesPerTrack + lane + 1;
      names.push({
        ...common,
        name: 'thread_name',
        tid,
        args: { name: lane === 0 ? track : `${track}, beside ${lane}` },
      });
      names.push({ ...common, name: 'thread_sort_index', tid, args: { sort_index: tid } });
    }
  return names;
}
