/** The simulated engine keeps its own exact schedule, in virtual time and against the real clock. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../core/clock.ts';
import type { EngineJob } from '../core/engine.ts';
import { runOne } from './runOne.fixture.ts';
import { createSimulated, type SimulatedOptions } from './simulated.ts';
import type { Sleeper } from './sleeper.ts';

const job: EngineJob = { payload: { kind: 'scene', seed: 1, t: 0, width: 4, height: 3, difficulty: 0, motion: 1 } };
const base: SimulatedOptions = { serviceMs: 10, distribution: 'constant', sessions: 1, stallEveryMs: 0, stallMs: 0 };

/** A clock that jumps to the next wake-up. */
function virtual() {
  let now = 0;
  let next: { at: number; wake: () => void } | undefined;
  const sleeper: Sleeper = {
    wakeAt: (at, wake) => {
      next = { at, wake };
    },
    dispose: () => {},
  };
  const drain = async () => {
    for (;;) {
      await Promise.resolve();
      const due = next;
      if (due === undefined) return;
      next = undefined;
      now = Math.max(now, due.at);
      due.wake();
      await Promise.resolve();
    }
  };
  return { clock: { now: () => now }, sleeper, drain };
}

async function run(options: SimulatedOptions, count: number) {
  const { clock, sleeper, drain } = virtual();
  const engine = createSimulated({ ...options, clock, sleeper });
  const all = Promise.all(Array.from({ length: count }, () => runOne(engine, job)));
  await drain();
  const replies = await all;
  const spans = replies.map((reply) => (reply.ok ? [reply.times.began, reply.times.ran] : [NaN, NaN]));
  return { spans, engine };
}

describe('createSimulated', () => {
  it('serves one after the other in exactly the service time', async () => {
    const { spans, engine } = await run(base, 3);
    expect(spans).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
    ]);
    expect(engine.busyMs()).toBe(30);
  });

  it('serves side by side in several sessions', async () => {
    const { spans } = await run({ ...base, sessions: 2 }, 4);
    expect(spans).toEqual([
      [0, 10],
      [0, 10],
      [10, 20],
      [10, 20],
    ]);
  });

  it('stands still during a stall', async () => {
    const { spans } = await run({ ...base, stallEveryMs: 100, stallMs: 50 }, 15);
    // Frame 9 ends at 100, just before the stall; frame 10 waits it out.
    expect(spans[9]).toEqual([90, 100]);
    expect(spans[10]).toEqual([100, 160]);
    expect(spans[13]).toEqual([180, 190]);
    expect(spans[14]).toEqual([190, 200]);
  });

  it.each(['exponential', 'bimodal'] as const)('has the asked mean with the %s distribution', async (distribution) => {
    const { engine } = await run({ ...base, distribution }, 20_000);
    expect(engine.busyMs() / 20_000).toBeGreaterThan(9.6);
    expect(engine.busyMs() / 20_000).toBeLessThan(10.4);
  });

  it('asks for a picture only when the job does, and maps boxes one to one', async () => {
    const drawn: number[] = [];
    const { clock, sleeper, drain } = virtual();
    const engine = createSimulated({
      ...base,
      clock,
      sleeper,
      draw: async () => {
        drawn.push(1);
        return { buffer: new ArrayBuffer(48), width: 4, height: 3 };
      },
    });
    const without = runOne(engine, job);
    const withPicture = runOne(engine, { ...job, picture: {} });
    await drain();
    const [first, second] = await Promise.all([without, withPicture]);
    expect(first.ok && first.picture).toBe(undefined);
    expect(second.ok && second.picture?.width).toBe(4);
    expect(first.ok && first.fit).toMatchObject({ sourceWidth: 4, scaleX: 1, offsetX: 0 });
    expect(drawn).toHaveLength(1);
  });

  it('ends every run, also with stalls at times that no number holds exactly', async () => {
    const { clock, sleeper, drain } = virtual();
    const start = 1_760_000_000_000.123;
    const engine = createSimulated({
      ...base,
      serviceMs: 20,
      stallEveryMs: 333.3,
      stallMs: 5,
      clock: { now: () => start + clock.now() },
      sleeper: { ...sleeper, wakeAt: (at, wake) => sleeper.wakeAt(at - start, wake) },
    });
    const all = Promise.all(Array.from({ length: 500 }, () => runOne(engine, job)));
    await drain();
    const ends = (await all).map((reply) => (reply.ok ? reply.times.ran - start : NaN));
    // 500 runs of 20 ms, and a stall of 5 ms in each 333.3 ms that passed.
    expect(ends.at(-1)).toBeCloseTo(10_000 + 5 * Math.floor((ends.at(-1) ?? 0) / 333.3), 1);
  });

  it('answers pending jobs with `cancelled` when disposed', async () => {
    const engine = createSimulated({ ...base, serviceMs: 60_000 });
    const pending = runOne(engine, job);
    engine.dispose();
    expect(await pending).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await runOne(engine, job)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('serves 1,000 a second in one session against the real clock', async () => {
    const engine = createSimulated({ ...base, serviceMs: 1 });
    const started = systemClock.now();
    let left = 500;
    const worker = async () => {
      while (left-- > 0) await runOne(engine, job);
    };
    await Promise.all([worker(), worker()]);
    const took = systemClock.now() - started;
    expect(took).toBeGreaterThan(495);
    expect(engine.busyMs()).toBeCloseTo(500, 0);
    engine.dispose();
  });
});
