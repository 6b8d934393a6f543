/** Completed frames a second, between the settled counts at both ends of a window; paused before and after. */
import type { Station } from '../e2e/station.ts';

const settleMs = 400;

export function completedPerS(station: Station, ms: number): Promise<number> {
  return station.page.evaluate(
    async ({ span, settle }) => {
      const { weir } = window;
      const sleep = (wait: number) => new Promise((done) => setTimeout(done, wait));
      // The counts come with a batch of telemetry: both ends are taken as one arrives.
      const next = () =>
        new Promise<{ at: number; completed: number }>((done) => {
          const stop = weir.subscribe(({ counts }) => {
            stop();
            done({ at: performance.now(), completed: counts.completed });
          });
        });
      await weir.start();
      await sleep(settle);
      const a = await next();
      await sleep(span);
      const b = await next();
      weir.pause();
      await sleep(settle);
      return ((b.completed - a.completed) / (b.at - a.at)) * 1000;
    },
    { span: ms, settle: settleMs },
  );
}
