/** Back-pressure as a user sees it: each policy under twice the load, and changes while frames are on their way. */
import type { Policy } from '../src/core/settings.ts';
import { difference, expect, test } from './station.ts';

/** 100 frames a second into an engine that takes 20 ms: twice what it can serve. */
const overload = 'engine.provider=simulated&engine.serviceMs=20&source.ratePerS=100&source.width=320&source.height=240';

/** Drop causes that a policy may use; all others must stay at zero. */
const causes: Readonly<Record<Policy, readonly string[]>> = {
  latest: ['superseded'],
  dropOldest: ['oldest'],
  dropNewest: ['newest'],
  skip: ['newest'],
  block: [],
};

for (const [policy, allowed] of Object.entries(causes)) {
  test(`${policy} under twice the load`, async ({ station }) => {
    await station.run(`${overload}&flow.policy=${policy}&flow.capacity=4`);
    const gained = await station.gained(3000);
    expect(gained.failed).toBe(0);
    // With skip an arrival just before the end of a run is refused, so 20 ms of service cost 20 or 30 ms of plan.
    expect(gained.completed / gained.seconds, 'about 50 a second').toBeGreaterThan(policy === 'skip' ? 28 : 38);
    expect(gained.completed / gained.seconds).toBeLessThan(56);
    for (const [cause, count] of Object.entries(gained.dropped)) {
      if (allowed.includes(cause)) expect(count, cause).toBeGreaterThan(60);
      else expect(count, cause).toBe(0);
    }
    const { counts } = await station.snapshot();
    expect(counts.queued).toBeLessThanOrEqual(policy === 'latest' ? 1 : policy === 'skip' ? 0 : 4);
    // A source that waits offers no more than is served.
    if (policy === 'block') expect(gained.offered).toBeLessThan(gained.completed + 12);
    else expect(gained.offered / gained.seconds).toBeGreaterThan(85);
  });
}

test('policy, capacity, age and limits change while running, and no frame is lost from the count', async ({
  station,
}) => {
  await station.run(`${overload}&flow.policy=dropOldest&flow.capacity=50`);
  await station.until('a full queue', (now) => now.counts.queued >= 45);
  await station.configure({ flow: { capacity: 5 } });
  await station.until('a queue of 5', (now) => now.counts.queued <= 5);
  await station.configure({ flow: { policy: 'dropNewest' } });
  await station.watch(400);
  await station.configure({ flow: { policy: 'block' } });
  await station.watch(400);
  await station.configure({ flow: { policy: 'latest', maxInFlight: 3, maxOpen: 4 } });
  await station.watch(400);
  await station.configure({ flow: { policy: 'skip', maxInFlight: 1, maxOpen: null } });
  await station.watch(400);
  const now = await station.snapshot();
  expect(now.counts.failed).toBe(0);
  await station.goesOn(10);
});

test('frames that waited longer than allowed expire at the gate', async ({ station }) => {
  await station.run(`${overload}&flow.policy=dropOldest&flow.capacity=50`);
  await station.until('a full queue', (now) => now.counts.queued >= 45);
  await station.configure({ flow: { maxAgeMs: 100 } });
  const before = await station.snapshot();
  const after = await station.watch(1500);
  expect(difference(after.counts, before.counts).dropped.expired).toBeGreaterThan(20);
  await station.configure({ flow: { maxAgeMs: null } });
  await station.goesOn(10);
});

test('with latest the queueing delay stays below one service time', async ({ station }) => {
  await station.run(`${overload}&flow.policy=latest&flow.maxInFlight=1&windowS=5`);
  const now = await station.until('enough frames', (each) => each.latencyMs.queueing.n >= 100);
  expect(now.latencyMs.queueing.p95).toBeLessThan(24);
  expect(now.latencyMs.service.p50).toBeGreaterThan(18);
});

test('the scene changes rate and size while running', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=2');
  await station.configure({ source: { ratePerS: 120, arrivals: 'poisson', width: 640, height: 360 } });
  await station.watch(500);
  const gained = await station.gained(2000);
  expect(gained.offered / gained.seconds).toBeGreaterThan(90);
  expect(gained.offered / gained.seconds).toBeLessThan(150);
});

for (const kind of ['scene', 'websocket'] as const) {
  test(`a blocked page does not stall the pipeline: ${kind}`, async ({ station }) => {
    await station.run(`source.kind=${kind}`);
    await station.goesOn(30);
    const batches = await station.blockPage(1000);
    expect(batches.length, 'batches made while the page was blocked').toBeGreaterThanOrEqual(7);
    const [first, last] = [batches[0], batches.at(-1)];
    if (first === undefined || last === undefined) throw new Error('No batch came.');
    expect(difference(last, first).completed, 'frames completed meanwhile').toBeGreaterThanOrEqual(10);
  });
}
