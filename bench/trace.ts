/** A Chromium trace around some work, and the longest main-thread task in it by CPU time. */
import { createReadStream, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from '@playwright/test';

export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** us */
  readonly dur?: number;
  /** CPU us */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly frames?: readonly TraceFrame[] } & TraceFrame };
}

interface TraceFrame {
  readonly url?: string;
  readonly processId?: number;
  readonly isOutermostMainFrame?: boolean;
}

export async function traced<T>(
  browser: Browser,
  page: Page,
  work: () => Promise<T>,
): Promise<{ result: T; events: readonly TraceEvent[] }> {
  const path = join(tmpdir(), `weir-trace-${process.pid}.json`);
  await browser.startTracing(page, {
    path,
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', '__metadata'],
  });
  const result = await work();
  await browser.stopTracing();
  const events = await readEvents(path);
  rmSync(path);
  return { result, events };
}

const wanted =
  /"name":"(RunTask|ThreadControllerImpl::RunTask|thread_name|TracingStartedInBrowser|FrameCommittedInBrowser)"/;

/** A trace of a busy page is hundreds of megabytes; it is written one event a line, and few of them are wanted. */
async function readEvents(path: string): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!wanted.test(line)) continue;
    const object = line.replace(/^\{"traceEvents":\[/, '').replace(/,$/, '');
    try {
      events.push(JSON.parse(object) as TraceEvent);
    } catch (error) {
      // The last line also closes the file; an event that cannot be read elsewhere would make the figure unsound.
      if (!object.includes('"metadata"') && !object.endsWith(']}')) throw error;
    }
  }
  return events;
}

/** Of the renderer main thread that shows `origin`. */
export function longestTaskMs(
  events: readonly TraceEvent[],
  origin: string,
): { cpuMs: number; wallMs: number; tasks: number } {
  const renderers = new Set<number>();
  for (const { name, args } of events) {
    if (name !== 'TracingStartedInBrowser' && name !== 'FrameCommittedInBrowser') continue;
    for (const frame of [...(args?.data?.frames ?? []), args?.data ?? {}])
      if (frame.url?.startsWith(origin) && !frame.url.endsWith('_headers') && frame.processId !== undefined)
        renderers.add(frame.processId);
  }
  const threads = new Set(
    events
      .filter(({ name, args, pid }) => name === 'thread_name' && args?.name === 'CrRendererMain' && renderers.has(pid))
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const tasks = events.filter(
    ({ name, ph, pid, tid }) =>
      ph === 'X' && (name === 'RunTask' || name === 'ThreadControllerImpl::RunTask') && threads.has(`${pid}/${tid}`),
  );
  if (tasks.length < 100)
    throw new Error(`The trace holds ${tasks.length} tasks of the page's main thread: not sound.`);
  return {
    cpuMs: Math.max(...tasks.map(({ tdur, dur }) => tdur ?? dur ?? 0)) / 1000,
    wallMs: Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1000,
    tasks: tasks.length,
  };
}
